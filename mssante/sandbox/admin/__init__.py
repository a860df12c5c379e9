"""Administration of the sandbox: loopback HTTP, JSON, and a small French web mail page.

None of this exists at a real operator: it is for tests, demonstrations and the fault harness.
"""
