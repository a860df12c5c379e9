"""The fields of each answer, named one by one: a column added to a table is not answered by itself.

No list holds an INS. That of a qualified identity is in the answer of one stay only (see stays.py).
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from coordination.api.paging import Envelope

Char, When, Uuid = serializers.CharField, serializers.DateTimeField, serializers.UUIDField
Number, Flag = serializers.IntegerField, serializers.BooleanField


class Answer(serializers.Serializer[Any]):
    """Values to fields; never the other way round."""


# --- Stays ------------------------------------------------------------------------------------------


class PersonAnswer(Answer):
    id = Uuid(source="pk")
    nom = Char(source="display_name")


class StayLine(Answer):
    id = Uuid(source="pk")
    maternite = Char(source="maternity.name")
    mere = PersonAnswer(source="mother")
    nouveau_nes = Number(source="children", allow_null=True, help_text="null : information de la mère non tracée")
    sortie_prevue_le = When(source="expected_discharge_at", allow_null=True)
    sortie_le = When(source="discharged_at", allow_null=True)
    sortie_precoce = Flag(source="is_early", allow_null=True, help_text="null : type de sortie à préciser")
    commune = Char(source="destination_city", help_text="Où elle sera après la sortie")


class InsAnswer(Answer):
    matricule = Char()
    oid = Char()


class IdentityAnswer(Answer):
    id = Uuid()
    nom = Char()
    sexe = Char(allow_null=True, help_text="null : information de la mère non tracée")
    date_naissance = serializers.DateField(allow_null=True, help_text="null : information de la mère non tracée")
    statut_identite = Char(help_text="PROV, RECUP, VALI ou QUAL (RNIV)")
    ins = InsAnswer(allow_null=True, help_text="null : identité non qualifiée, ou information de la mère non tracée")


class NewbornAnswer(IdentityAnswer):
    rang = Number()
    ne_le = When()
    poids_g = Number(allow_null=True)


class MemberAnswer(Answer):
    nom = Char()
    role = Char()
    structure = Char()
    informee_le = When(allow_null=True, help_text="Information de la mère ; null : rien ne lui est ouvert")


class StayAnswer(Answer):
    id = Uuid()
    numero = Char(allow_null=True, help_text="Numéro de dossier ; null hors de la maternité")
    chambre = Char(allow_null=True, help_text="null hors de la maternité")
    maternite = Char()
    mere = IdentityAnswer()
    nouveau_nes = NewbornAnswer(many=True)
    naissance_le = When(allow_null=True)
    sortie_prevue_le = When(allow_null=True)
    sortie_le = When(allow_null=True)
    sortie_precoce = Flag(allow_null=True)
    commune = Char()
    besoins = serializers.ListField(child=Char())
    equipe = MemberAnswer(many=True)


# --- Documents --------------------------------------------------------------------------------------


class SubjectAnswer(PersonAnswer):
    nouveau_ne = Flag(source="is_newborn")


class DocumentLine(Answer):
    id = Uuid(source="pk")
    sejour = Uuid(source="stay_id")
    type = Char(source="type_code", help_text="JDV_J07")
    titre = Char(source="title")
    personne = SubjectAnswer(source="subject")
    statut = Char(source="status")
    statut_libelle = Char(source="get_status_display")
    emetteur = Char(source="organisation.name")
    version = Number(source="shown_version", allow_null=True)
    valide_le = When(source="shown_validated_at", allow_null=True)
    lu_par_vous_le = When(source="read_at", allow_null=True)


class VersionAnswer(Answer):
    numero = Number(source="number")
    valide_le = When(source="validated_at", allow_null=True)
    motif = Char(source="reason", help_text="Motif du remplacement")


class ReadingAnswer(Answer):
    par = Char(source="who")
    le = When(source="at")
    comment = Char(source="how")
    version = Number()


class DocumentAnswer(Answer):
    id = Uuid()
    sejour = Uuid()
    type = Char(help_text="JDV_J07")
    titre = Char()
    personne = SubjectAnswer()
    statut = Char()
    statut_libelle = Char()
    emetteur = Char()
    auteur = Char()
    valide_par = Char()
    valide_le = When(allow_null=True)
    version = Number()
    versions = VersionAnswer(many=True)
    lectures = ReadingAnswer(many=True)


# --- Shipments --------------------------------------------------------------------------------------


class ProofAnswer(Answer):
    libelle = Char(source="label")
    le = When(source="at", allow_null=True)
    fait = Flag(source="done")
    code = Char(source="proof", help_text="Tel que le canal l'a donné")


class ActAnswer(Answer):
    code = Char(help_text="relancer ou tracer_information")
    libelle = Char()


class ShipmentLine(Answer):
    id = Uuid()
    sejour = Uuid()
    documents = serializers.ListField(child=Uuid())
    canal = Char()
    action = Char(help_text="SEND, REPLACE ou WITHDRAW")
    destinataire = Char()
    etat = Char()
    etat_libelle = Char()
    phrase = Char(help_text="Pourquoi il en est là, et ce qui suit sans personne")
    preuves = ProofAnswer(many=True)
    prochaine_action = ActAnswer(allow_null=True, help_text="null : rien à faire")
    cree_le = When()


# --- Indicators -------------------------------------------------------------------------------------


class CellAnswer(Answer):
    mois = Char()
    lieu = Char()
    indicateur = Char()
    libelle = Char()
    numerateur = Number()
    denominateur = Number()
    pourcentage = serializers.FloatField()


# --- Pages ------------------------------------------------------------------------------------------


class StayPage(Envelope):
    resultats = StayLine(many=True)


class DocumentPage(Envelope):
    resultats = DocumentLine(many=True)


class ShipmentPage(Envelope):
    resultats = ShipmentLine(many=True)


class CellPage(Envelope):
    masquage = Char(help_text="Ce que veut dire une cellule absente")
    resultats = CellAnswer(many=True)


class ErrorsAnswer(Answer):
    erreurs = serializers.DictField(child=serializers.ListField(child=Char()))
