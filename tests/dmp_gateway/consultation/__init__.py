"""The consultation profile (AIR) against the DMP sandbox, on real sockets with mutual TLS."""
