"""IMAP4rev1 door (RFC 3501), with SASL-IR, LITERAL+, IDLE, UIDPLUS, MOVE, UNSELECT, NAMESPACE, ID.

Our own small server: pymap has no SASL EXTERNAL bound to a client certificate.
"""
