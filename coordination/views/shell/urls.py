"""Addresses of the shell."""

from django.urls import path

from coordination.views.shell import health, pages, password, session

urlpatterns = [
    path("", pages.home, name="home"),
    path("connexion/", session.Login.as_view(), name="login"),
    path("deconnexion/", session.leave, name="logout"),
    path("verrouiller/", session.lock, name="lock"),
    path("compte/mot-de-passe/", password.change, name="password"),
    path("presence/", pages.presence, name="presence"),
    path("etat", health.state, name="health"),
]
