"""`make faults-mssante`: each fault of the operator at each step of a mail, sent or received."""
