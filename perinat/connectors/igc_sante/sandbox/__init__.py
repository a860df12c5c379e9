"""« IGC-Santé de bac à sable »: a local authority for development and tests. Never a real one."""
