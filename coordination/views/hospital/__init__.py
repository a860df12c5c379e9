"""The ward: discharges of the day, papers, stays, signatures, relay."""
