"""The core of perinat: from the discharge to the reading, with no knowledge of SOAP or SMTP.

The data's way, with the file of each step (all under `coordination/services/` unless said):

     1 discharges    a sortie is recorded, its papers are dropped and read    stays.py, deposits.py, intake.py
     2 documents     a document is written or drafted, validated, replaced    writing.py, documents.py, succession.py
     3 sealing       its CDA is built once: bytes, hash                       sealing.py, cda/
     4 routing       one Shipment per patient, channel and recipient          routing.py, holding.py
     5 outbox        claim → channel.submit() → record                        outbox.py
     6 receipts      proofs, DSN and MDN become states                        receipts.py
     7 readings      who opened what                                          readings.py
     8 handovers     no midwife → asked → accepted → dated → SEEN             handovers.py, letters.py, exits.py
     9 follow-up     the visit and the interview, each a document             follow_up.py, forms.py
    10 indicators    what happened, counted once a month                      publications.py

Statuses and their tables: `lifecycles.py`, applied by `services/transitions.move`. Who sees what:
`models/visibility.py`. The outside: `ports.py`, adapters found by dotted path in settings.
"""
