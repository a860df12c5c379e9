"""What the DMP does once a request is admitted: one module per transaction."""
