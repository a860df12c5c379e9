"""MSSanté: the way out by secure health mail, and the receipts that come back.

Référentiel socle MSSanté #2 v1.0.1 (clients, ECO.x.y.z), Volet Échange de documents de santé, IHE XDM
(ITI-32). An adapter: it sees `coordination.ports` and `perinat.standards`, nothing else of perinat.
Requirement by requirement, with what is unverified: docs/interop/mssante.md.
"""
