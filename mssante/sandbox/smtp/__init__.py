"""SMTP submission door (RFC 5321, 6409, 3207, 4954, 3461)."""
