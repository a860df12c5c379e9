"""No NUL character reaches a search, a filter or a row: PostgreSQL refuses it, whatever the page.

One place for every page: what a browser sends is cleaned before the view, once the CSRF middleware has parsed it.
The views without that middleware keep their request as it came: the API checks each of its parameters, and the
deposit of papers reads its own body.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, QueryDict

if TYPE_CHECKING:
    from django.http.request import _ImmutableQueryDict

NUL = "%00"  # as it is written in an address


class WithoutNul:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if getattr(view, "csrf_exempt", False):
            return
        request.GET = without_nul(request.GET)
        if request.method == "POST":
            request.POST = without_nul(request.POST)


def without_nul(sent: _ImmutableQueryDict) -> _ImmutableQueryDict:
    """The same names and values, without the character."""
    said = sent.urlencode()
    return QueryDict(said.replace(NUL, ""), encoding=sent.encoding) if NUL in said else sent
