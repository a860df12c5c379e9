"""`make soak`: thousands of deposits through one worker process, and what they leave behind."""
