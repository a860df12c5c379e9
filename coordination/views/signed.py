"""The request behind the guard: somebody is signed in."""

from django.http import HttpRequest

from coordination.models import User


class SignedRequest(HttpRequest):
    """What `page` and `act` hand to a view (views/guard.py)."""

    user: User
