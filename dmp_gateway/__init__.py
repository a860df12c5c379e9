"""DMP gateway: deposit profile in INDIRECTE mode (organisation certificates), on XDS.b over SOAP 1.2.

TD0.2 existence · TD2.1a deposit · TD2.1b replacement · TD3.1b reference · TD3.3c deletion. What is
implemented, from which source and tested where: docs/interop/dmp.md.
"""
