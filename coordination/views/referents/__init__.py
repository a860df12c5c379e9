"""The CPAM and ARS referents: counted figures, never a person nor a professional."""
