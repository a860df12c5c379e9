"""Refusals of the IMAP door."""


class NoError(Exception):
    """Tagged NO; the text may begin with a [CODE]."""
