"""Addresses of the coordinator."""

from django.urls import path

from coordination.views.orientation import acts, pages

urlpatterns = [
    path("orientation/", pages.board, name="board"),
    path("orientation/capacites/", pages.capacity, name="capacity"),
    path("orientation/<uuid:handover_id>/", pages.case, name="relay_case"),
    path("orientation/<uuid:handover_id>/reponses/", pages.answers, name="relay_answers"),
    path("orientation/<uuid:handover_id>/demander/<uuid:midwife_id>/", acts.ask, name="relay_ask"),
    path("orientation/<uuid:handover_id>/difficulte/", acts.escalate, name="relay_escalate"),
    path("orientation/<uuid:handover_id>/clore/", acts.close, name="relay_close"),
    path("orientation/<uuid:handover_id>/refus/", acts.declined, name="relay_declined"),
    path("orientation/<uuid:handover_id>/replacer/", acts.place_again, name="relay_place_again"),
]
