"""Addresses of the town pages: opaque identifiers only."""

from django.urls import path

from coordination.views.town import encounters, essentials, offers, reading, received, visits

urlpatterns = [
    path("mes-visites/", visits.visits, name="visits"),
    path("mes-visites/ma-patiente/", offers.claim, name="claim"),
    path("mes-visites/disponibilite/", visits.declare_capacity, name="declare_capacity"),
    path("demandes/", offers.offers, name="offers"),
    path("demandes/<uuid:offer_id>/accepter/", offers.accept, name="offer_accept"),
    path("demandes/<uuid:offer_id>/decliner/", offers.decline, name="offer_decline"),
    path("recus/", received.received, name="received"),
    path("sejours/<uuid:stay_id>/demander-lettre/", visits.ask_letter, name="ask_letter"),
    path("sejours/<uuid:stay_id>/dater-visite/", visits.schedule, name="visit_schedule"),
    path("sejours/<uuid:stay_id>/visite-non-faite/", visits.missed, name="visit_missed"),
    path("sejours/<uuid:stay_id>/visite/<uuid:person_id>/", encounters.visit, name="visit"),
    path("sejours/<uuid:stay_id>/epnp/", encounters.interview, name="interview"),
    path("sejours/<uuid:stay_id>/syntheses/", encounters.sent, name="visit_sent"),
    path("sejours/<uuid:stay_id>/essentiel/", essentials.essentials, name="essentials"),
    path("documents/<uuid:document_id>/", reading.document, name="document"),
    path("documents/<uuid:document_id>/version/<int:number>/", reading.document, name="document_version"),
    path("documents/<uuid:document_id>/fichier", reading.file, name="document_file"),
    path("documents/<uuid:document_id>/fichier/<int:number>", reading.file, name="document_version_file"),
    path("documents/<uuid:document_id>/page/<int:number>/<int:sheet>", reading.image, name="document_image"),
]
