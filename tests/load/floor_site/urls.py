"""Two pages: the list and the file."""

from django.urls import path

from tests.load.floor_site import views

urlpatterns = [
    path("list", views.listed),
    path("open/<uuid:blob_id>", views.opened),
]
