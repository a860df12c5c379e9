"""A hand-written suite against the DMP sandbox: fixed text over TLS, no code of the gateway.

341 bad requests or families of them are refused, each with its code: test_refused_envelope (the door),
_vihf (who calls), _lot (what is deposited), _versions (identifiers, replacements, deletions), _consultation
(AIR: rights, authorisations, queries, reading), _changes (masks, status), _hostile (bytes meant to hurt). Good ones are
in test_accepted and test_consultation. `test_count` counts them.
"""
