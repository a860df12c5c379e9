"""A fictitious INSi: WS_INS2 on a loopback port, test identities only, scripted by its administration."""
