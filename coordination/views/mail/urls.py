"""Addresses of the mail received. Opaque identifiers only."""

from django.urls import path

from coordination.views.mail import history, pages

urlpatterns = [
    path("transmissions/", history.history, name="transmissions"),
    path("transmissions/export/", history.export, name="transmissions_export"),
    path("courrier/", pages.inbox, name="mail_inbox"),
    path("courrier/<uuid:received_id>/", pages.document, name="mail_document"),
    path("courrier/<uuid:received_id>/pdf", pages.pdf, name="mail_pdf"),
    path("courrier/<uuid:received_id>/joint/<int:rank>", pages.joined, name="mail_attached"),
    path("courrier/<uuid:received_id>/message", pages.original, name="mail_original"),
    path("courrier/<uuid:received_id>/classer/", pages.file, name="mail_file"),
    path("courrier/<uuid:received_id>/ecarter/", pages.discard, name="mail_discard"),
    path("courrier/<uuid:received_id>/reprendre/", pages.reopen, name="mail_reopen"),
]
