"""What the OpenAPI document says of an address: its parameters, its answer, its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.serializers import Serializer

from coordination.api.answers import ErrorsAnswer

REFUSALS: dict[int, Any] = {400: ErrorsAnswer, 403: ErrorsAnswer}


def described(
    operation: str, summary: str, answer: type[Serializer[Any]], parameters: type[Serializer[Any]] | None = None
) -> Callable[[Any], Any]:
    """For the `get` of a view. Without `parameters` it answers one row, hence a possible 404."""
    return extend_schema(
        operation_id=operation,
        summary=summary,
        parameters=[parameters] if parameters else [],
        responses={200: answer, **REFUSALS, **({} if parameters else {404: ErrorsAnswer})},
        filters=False,
    )
