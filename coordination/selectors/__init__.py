"""What perinat reads: worklists, snapshots, parcels, indicators. Nothing here writes."""
