"""Addresses of the pages and of the API. No name, no INS, no content in any of them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
