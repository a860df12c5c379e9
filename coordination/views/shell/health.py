"""Is the service able to answer? For probes: no account, no data."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def state(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, 503 otherwise; the queue may be deaf, the database is the truth."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"service": "perinat", "base": "injoignable"}, status=503)
    return JsonResponse({"service": "perinat", "base": "ok"})
