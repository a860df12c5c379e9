"""What outside norms fix: identifiers, OIDs, codes, ebRIM, safe XML, certificates.

Plain Python: no Django, no Celery, nothing of perinat's own domain. Both gateways, the core and
(for the published data only) the sandboxes read from here.
"""
