"""Root of the site: all pages and the API belong to coordination; Pro Santé Connect has its callback."""

from django.urls import include, path

urlpatterns = [
    path("psc/", include("perinat.connectors.pro_sante_connect.urls")),
    path("", include("coordination.urls")),
]
