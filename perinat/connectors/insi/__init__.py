"""The IdentityService port on INSi, as far as its wire is known without its contract (docs/interop/ins.md)."""
