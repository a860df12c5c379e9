"""The OpenAPI 3 description of the API, built once per process; open to whoever is signed in."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema

from coordination.api import parameters
from coordination.api.base import ApiView, Request, Response
from coordination.models import Role


@cache
def document() -> dict[str, Any]:
    """The whole description, whoever asks."""
    generator = SchemaGenerator(urlconf="coordination.api.urls")
    schema: dict[str, Any] = generator.get_schema(request=None, public=True)
    return schema


class Schema(ApiView):
    roles = frozenset(Role)
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        parameters.read(parameters.NoParameters, request)
        return Response(document())
