"""Addresses of the referents."""

from django.urls import path

from coordination.views.referents import pages

urlpatterns = [
    path("indicateurs/", pages.figures, name="figures"),
    path("indicateurs/maternites/", pages.maternities, name="maternities"),
    path("indicateurs/export.csv", pages.export, name="figures_export"),
]
