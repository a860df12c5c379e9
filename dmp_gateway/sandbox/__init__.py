"""DMP de bac à sable: a separate strict server that stands for the DMP on the wire.

It shares no code with the client: it reads the published data of `perinat.standards` only
(oids, xml, codes, cda_rules) and writes its own reading of SOAP, ebRIM, SAML, XAdES and CDA.
Rules and their clauses: docs/interop/dmp-sandbox.md. Installed in development and tests only.
"""
