"""Addresses of the messages to patients. Opaque identifiers only: never a matricule."""

from django.urls import path

from coordination.views.patient_letters import pages, replies, writing

urlpatterns = [
    path("sejours/<uuid:stay_id>/messages/<uuid:person_id>/", pages.conversation, name="patient_messages"),
    path("sejours/<uuid:stay_id>/messages/<uuid:person_id>/ecrire/", writing.write, name="patient_write"),
    path("sejours/<uuid:stay_id>/messages/<uuid:person_id>/souhait/", pages.wish, name="patient_wish"),
    path("messages-patientes/", replies.inbox, name="patient_inbox"),
    path("messages-patientes/<uuid:letter_id>/relancer/", pages.retry, name="patient_retry"),
    path("messages-patientes/reponses/<uuid:reply_id>/", replies.reply, name="patient_reply"),
    path("messages-patientes/reponses/<uuid:reply_id>/traitee/", replies.handled, name="patient_reply_handled"),
    path("messages-patientes/reponses/<uuid:reply_id>/rattacher/", replies.attach, name="patient_reply_attach"),
    path("messages-patientes/reponses/<uuid:reply_id>/fichier/<int:number>", replies.file, name="patient_reply_file"),
]
