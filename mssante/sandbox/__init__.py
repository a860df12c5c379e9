"""A fictitious MSSanté operator for development and tests: SMTP submission, IMAP, receipts, linter.

It stands for the other side of the wire and shares no code with the client: nothing of the product
is imported but `perinat.standards.{oids,xml,codes,cda_rules}`. Its class is
`mssante.sandbox.server.MssanteSandbox`; its command is `manage.py mssante_sandbox`.
"""
