"""What tests put in the database, one subject per file."""
