"""What perinat does, one file per step of the data's way. Plain functions that write to the database."""
