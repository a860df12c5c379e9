"""Documents pushed without a message around them (a file in a folder): whose they are, they alone can say.

A PDF is read by a worker, as one that a person dropped: its datamatrix, else a question. A CDA is filed for who it
names when everything is equal; a doubt is a question in the tray, what contradicts the record is refused.
"""

from __future__ import annotations

from django.conf import settings

from coordination.cda.reader import ReadPatient
from coordination.models import LocalIdentifier, Organisation, Person, Stay
from coordination.papers.analysis import Identity
from coordination.selectors import mail_matching, matching
from coordination.services.pushed_refusals import OTHER_IDENTITY, refused

DIFFERENT = "L'identité de ce document et celle du dossier diffèrent. Rien n'est classé : comparez-les."
PRODUCTION = "Ce document porte une INS réelle, et cette installation n'accepte que des INS de test."


def whose(patient: ReadPatient | None, site: Organisation) -> tuple[Person | None, Stay | None]:
    """The person and her stay; (None, None) is a question for the ward. Raises PushRefusedError: a contradiction."""
    if patient is None:
        return None, None
    if patient.ins is not None and patient.ins.is_production and not settings.IDENTITY_ACCEPTS_PRODUCTION:
        raise refused(PRODUCTION, place="PID^1^3")
    verdict = mail_matching.verdict(site, patient, None)
    if not verdict.code:
        return verdict.person, verdict.stay
    if verdict.code == mail_matching.DIFFERENT:
        raise refused(DIFFERENT, OTHER_IDENTITY)
    person = _by_local_number(patient, site)
    stay = mail_matching.last_stay(person, site) if person else None
    return (person, stay) if stay else (None, None)


def _by_local_number(patient: ReadPatient, site: Organisation) -> Person | None:
    """By her IPP in this site, when the strict traits are equal: a newborn whose INS nobody knows yet."""
    numbers = [one.extension for one in patient.ids if site.ipp_oid and one.root == site.ipp_oid]
    known = LocalIdentifier.objects.filter(organisation=site, value__in=numbers).select_related("person").first()
    if known is None or patient.birth_date is None:
        return None
    names = patient.birth_family_name, patient.birth_given_names
    identity = Identity("", "", *names, patient.sex, patient.birth_date)
    if not matching.same_traits(identity, known.person):
        raise refused(DIFFERENT, OTHER_IDENTITY)
    return known.person
