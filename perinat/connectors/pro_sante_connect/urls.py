"""Addresses under /psc/. The callback is registered at Pro Santé Connect: it does not change."""

from __future__ import annotations

from django.urls import path

from perinat.connectors.pro_sante_connect import views
from perinat.connectors.pro_sante_connect.oidc import CALLBACK

urlpatterns = [
    path("connexion/", views.sign_in, name="psc_sign_in"),
    path("retour/", views.callback, name=CALLBACK),
    path("deconnexion/", views.sign_out, name="psc_sign_out"),
]
