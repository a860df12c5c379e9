"""Addresses of the ward."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
