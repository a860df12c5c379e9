"""A JSON case ⇄ what a document says: the file that `manage.py build_cda` takes.

    {"document": …, "patient": …, "author": …, …, "body": {the volet's own sections}}

A document whose body is a PDF (level 1) has the same case without `body`: its model is then a type of document
instead of a volet. The header's members are declared in `case_header`, the body's in each volet; both are checked,
normalised and described (JSON Schema) by the same code. Member names are English, their titles French.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from coordination.cda import case_content
from coordination.cda.case_header import HEADER
from coordination.cda.completeness import header_problems
from coordination.cda.model import DocumentContent
from coordination.cda.spec import paths
from coordination.cda.spec import schema as json_schema
from coordination.cda.spec.checking import Problem, normal, problems
from coordination.cda.spec.nodes import Branch, Member
from coordination.cda.volets.model import Volet, agreement_problems, case_problems
from perinat.standards import codes
from perinat.standards.codes import DocumentType
from perinat.standards.identifiers import IdentifierError, Ins

Model = Volet | DocumentType
_INSTANTS = ("authored_at", "authenticated_at")


def members(model: Model) -> tuple[Member, ...]:
    if isinstance(model, DocumentType):
        return HEADER
    return (*HEADER, Branch("body", model.title, model.members, required=True))


def schema(model: Model) -> dict[str, Any]:
    """JSON Schema 2020-12 of a case of this volet, or of this type of document."""
    if isinstance(model, DocumentType):
        name, title = f"{model.code}:N1", f"{model.code} – {model.type.label}"
    else:
        name, title = f"{model.name}:{model.version}", f"{model.name} {model.version} – {model.title}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:perinat:case:{name}",
        "title": title,
    } | json_schema.of(members(model))


def check(model: Model, case: Any) -> list[Problem]:
    """Every problem of a case, with its path, in French."""
    if not isinstance(case, Mapping):
        return [Problem("", "un objet JSON est attendu")]
    on = _day_of(case)
    unstructured = isinstance(model, DocumentType)
    header = {name: value for name, value in case.items() if unstructured or name != "body"}
    found = list(problems(HEADER, header, path="", on=on)) or [*_instants(case), *_ins(case)]
    if isinstance(model, DocumentType):
        return found or [*_about(model, case["patient"]), *_header(_framed(model, case), case)]
    if "body" not in case:
        wrong = [Problem("body", f"« {model.title} » est obligatoire")]
    else:
        wrong = list(case_problems(model, case["body"], on=on))
    if found:
        return [*found, *wrong]
    given = case.get("body")
    right = paths.without(given, (problem.path for problem in wrong)) if isinstance(given, Mapping) else {}
    framed = replace(_framed(model, case), body=right)
    return [*_header(framed, case), *wrong, *agreement_problems(model, framed)]


def _header(content: DocumentContent, case: Mapping[str, Any]) -> Iterator[Problem]:
    """What a header that reads well still lacks, of itself and for its volet."""
    document = case["document"]
    now = datetime.fromisoformat(document["created_at"])
    return header_problems(content, unique_id=document["unique_id"], now=now)


def _about(kind: DocumentType, patient: Mapping[str, Any]) -> Iterator[Problem]:
    """A type of the mother's papers with a newborn's header, or the other way round."""
    child = any(name in patient for name in ("guardian", "born_at", "birth_order"))
    if kind.about == codes.ABOUT_MOTHER and child:
        yield Problem("patient", "ce document est celui de la mère, et l'en-tête désigne un enfant")
    if kind.about == codes.ABOUT_NEWBORN and "guardian" not in patient:
        yield Problem("patient.guardian", "ce document est celui d'un enfant : sa mère est attendue")


def _day_of(case: Mapping[str, Any]) -> date:
    """The day whose code lists apply: that of the document, else today's."""
    try:
        return datetime.fromisoformat(case["document"]["created_at"]).date()
    except (KeyError, TypeError, ValueError):
        return date.today()  # noqa: DTZ011  # the case has no date: the lists of now


def _instants(case: Mapping[str, Any]) -> Iterator[Problem]:
    """What the header writes as an instant must not be a bare day."""
    places = [(name, case[name]) for name in _INSTANTS] + [("document.created_at", case["document"]["created_at"])]
    places += [(f"encounter.{name}", case["encounter"][name]) for name in ("start", "end") if name in case["encounter"]]
    given = enumerate(case.get("participants", ()))
    places += [(f"participants[{index}].since", one["since"]) for index, one in given if "since" in one]
    if "born_at" in case["patient"]:
        places.append(("patient.born_at", case["patient"]["born_at"]))
    for path, value in places:
        if len(value) == 10:
            yield Problem(path, "une date et heure avec son fuseau est attendue")
    if len(case["patient"]["birth_date"]) != 10:
        yield Problem("patient.birth_date", "une date AAAA-MM-JJ est attendue")


def _ins(case: Mapping[str, Any]) -> Iterator[Problem]:
    guardian = case["patient"].get("guardian", {})
    for path, given in (("patient.ins", case["patient"].get("ins")), ("patient.guardian.ins", guardian.get("ins"))):
        if given:
            try:
                Ins(given["matricule"], given["oid"])
            except IdentifierError as error:
                yield Problem(path, str(error))


def content(model: Model, case: Mapping[str, Any], *, pdf: bytes = b"") -> DocumentContent:
    """The document that a case without problem says; `unique_id` and `created_at` stay in the case."""
    framed = _framed(model, case)
    body = {} if isinstance(model, DocumentType) else normal(model.members, case["body"])
    return replace(framed, pdf=pdf, body=body)


def _framed(model: Model, case: Mapping[str, Any]) -> DocumentContent:
    """The document of a right header, its body still empty."""
    volet = None if isinstance(model, DocumentType) else model
    kind = model if isinstance(model, DocumentType) else model.type
    header = normal(HEADER, {name: value for name, value in case.items() if name != "body"})
    document = header["document"]
    return DocumentContent(
        type=kind,
        title=document.get("title", volet.title if volet else kind.type.label[:128]),
        patient=case_content.patient(header["patient"]),
        author=case_content.professional(header["author"]),
        authored_at=datetime.fromisoformat(header["authored_at"]),
        legal_authenticator=case_content.professional(header["legal_authenticator"]),
        authenticated_at=datetime.fromisoformat(header["authenticated_at"]),
        custodian=case_content.organization(header["custodian"]),
        encounter=case_content.encounter(header["encounter"]),
        set_id=document["set_id"],
        version=document["version"],
        replaces_unique_id=document.get("replaces", ""),
        pdf=b"",
        volet=volet.name if volet else "",
        performer=case_content.professional(header["performer"]) if "performer" in header else None,
        participants=tuple(case_content.participant(given) for given in header.get("participants", ())),
        informants=tuple(case_content.informant(given) for given in header.get("informants", ())),
        recipients=tuple(case_content.professional(given) for given in header.get("recipients", ())),
    )
