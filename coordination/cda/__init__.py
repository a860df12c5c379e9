"""CDA R2: content values in, exact bytes out. Pure: clock and identifiers are given, never invented."""
