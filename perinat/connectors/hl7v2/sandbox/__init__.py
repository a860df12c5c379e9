"""A fictitious hospital's software: takes the business acknowledgements (ZAM), strictly; a separate process."""
