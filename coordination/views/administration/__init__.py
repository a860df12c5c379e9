"""The administrator: sites, people, delegations, channels, certificates, state. Never a person who is cared for."""
