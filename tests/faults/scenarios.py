"""What goes wrong, where, and how it must end. Data only: the sentences are written here a second time on purpose.

A scenario ends in the DMP (`DMP`: exactly once, accepted), on the list of the ward (`WARD`: refused, that sentence)
or as a normal answer about the patient (`NOBODY`: nothing to correct, on no list). What ended on a list is relaunched
once the cause is gone, and must then be in the DMP, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DMP, WARD, NOBODY = "dmp", "ward", "nobody"
Script = dict[str, Any]
STEPS = {"TD0.2": "patients", "TD2.1a": "repository", "TD3.1b": "registry"}
REPLACEMENT = {"TD2.1b": "repository", "TD3.1b before TD2.1b": "registry"}
CUT: Script = {"kind": "cut_after_storing", "transaction": "2.1a"}  # what makes perinat ask by TD3.1b
LOOK = "L'administrateur doit examiner la réponse, puis relancer l'envoi."
SET = "L'administrateur doit corriger le réglage, puis relancer l'envoi."


@dataclass(frozen=True, slots=True)
class Scenario:
    """`faults`: told to the sandbox before the sending; `state`: of the DMP of the mother; `certificates`: spoiled how;
    `papers`: how many in one lot; `limits`: of the sandbox; `replaces`: the paper is the next version of one deposited
    before it went wrong.
    """

    name: str
    faults: tuple[Script, ...] = ()
    ends: str = DMP
    sentence: str = ""
    state: str = "OK"
    certificates: str = ""
    papers: int = 1
    limits: dict[str, int] = field(default_factory=dict)
    replaces: bool = False

    @property
    def is_relaunched(self) -> bool:
        return self.ends == WARD


# Nothing was done, or nobody can tell: perinat tries again, or asks, by itself. (name, script)
TRIED_AGAIN: tuple[tuple[str, Script], ...] = (
    ("connection refused", {"kind": "connection_refused"}),
    ("cut before the body", {"kind": "cut_before_reading"}),
    ("cut in the body", {"kind": "cut_while_reading"}),
    *((f"HTTP {status}", {"kind": "http_500", "status": status}) for status in (408, 429, 500, 502, 503, 504)),
    ("cut before storing", {"kind": "cut_before_storing"}),
    ("receiver fault", {"kind": "soap_fault"}),
    ("busy", {"kind": "refusal", "shape": "registry", "code": "XDSRepositoryBusy"}),
    ("out of resources", {"kind": "refusal", "shape": "registry", "code": "XDSRegistryOutOfResources"}),
    ("not available", {"kind": "refusal", "shape": "registry", "code": "XDSRegistryNotAvailable"}),
    ("internal error", {"kind": "refusal", "shape": "registry", "code": "XDSRepositoryError"}),
    ("cut before the answer", {"kind": "cut_after_storing"}),
    ("answer too late", {"kind": "pause_before_answering", "seconds": 4}),
    ("HTTP 500 once done", {"kind": "http_after_storing", "status": 500}),
    ("HTTP 504 once done", {"kind": "http_after_storing", "status": 504}),
    ("garbled answer", {"kind": "garbled"}),
    ("truncated answer", {"kind": "truncated"}),
    ("truncated MIME", {"kind": "cut_multipart"}),
    ("not XML", {"kind": "not_xml"}),
    ("empty 200", {"kind": "empty"}),
    ("answer to another request", {"kind": "other_request"}),
    ("wrong content type", {"kind": "wrong_type"}),
    ("answered twice", {"kind": "answer_twice"}),
)
ONE_OF_EACH = (
    "cut in the body", "HTTP 500", "cut before storing", "busy", "internal error", "cut before the answer",
    "answer too late", "HTTP 500 once done", "garbled answer", "truncated MIME", "answer to another request",
)  # fmt: skip
# A person must act. (name, script, sentence)
REFUSED: tuple[tuple[str, Script, str], ...] = (
    ("HTTP 403", {"kind": "http_500", "status": 403}, f"Le serveur du DMP refuse la demande avant de la lire. {SET}"),
    ("HTTP 404", {"kind": "http_500", "status": 404}, f"Le serveur du DMP refuse la demande avant de la lire. {SET}"),
    (
        "HTTP 413",
        {"kind": "http_500", "status": 413},
        "Les documents dépassent la taille que le DMP admet. Ils sont à envoyer séparément.",
    ),
)
SHAPES = ("soap", "registry", "hl7", "status")
REFUSALS: tuple[tuple[str, str], ...] = (
    ("DMPInvalidCertificate", f"Le DMP refuse le certificat de l'établissement. {SET}"),
    ("A7-1-0042", f"Le DMP refuse la demande. {LOOK}"),
)
CLOSED = "Le DMP est fermé. Rien à faire côté DMP."


def _at(step: str, script: Script) -> tuple[Script, ...]:
    """The fault at this step. TD3.1b is only asked after a doubt; a new connection is only opened after a cut."""
    first = (CUT,) if step == "TD3.1b" else ()
    if script["kind"] == "connection_refused":
        return (*first, script) if first else ({"kind": "cut_before_reading", "endpoint": STEPS[step]}, script)
    return (*first, {**script, "endpoint": STEPS[step]})


def _replacements() -> Iterator[Scenario]:
    """A next version, and the question of its predecessor that comes before it."""
    for step, endpoint in REPLACEMENT.items():
        for name, script in TRIED_AGAIN:
            if name in ONE_OF_EACH:
                yield Scenario(f"{step}, {name}", ({**script, "endpoint": endpoint},), replaces=True)
        for name, script, sentence in REFUSED:
            yield Scenario(f"{step}, {name}", ({**script, "endpoint": endpoint},), WARD, sentence, replaces=True)


def _matrix() -> Iterator[Scenario]:
    for step in STEPS:
        for name, script in TRIED_AGAIN:
            yield Scenario(f"{step}, {name}", _at(step, script))
        for name, script, sentence in REFUSED:
            yield Scenario(f"{step}, {name}", _at(step, script), WARD, sentence)
        for shape in SHAPES:
            for code, sentence in REFUSALS:
                script = {"kind": "refusal", "shape": shape, "code": code, "party": "Sender"}
                yield Scenario(f"{step}, {code} as {shape}", _at(step, script), WARD, sentence)


def _about_the_patient() -> Iterator[Scenario]:
    for step in ("TD0.2", "TD2.1a"):
        for shape in SHAPES:
            script = {"kind": "refusal", "shape": shape, "code": "DMPClosed", "party": "Sender"}
            yield Scenario(f"{step}, closed as {shape}", _at(step, script), NOBODY, CLOSED)
    refused = "L'accès de l'établissement au DMP est refusé par la patiente. Rien à faire côté DMP."
    yield Scenario("no DMP", state="NONE", ends=NOBODY, sentence="Il n'y a pas de DMP à ce nom. Rien à faire")
    yield Scenario("closed DMP", state="CLOSED", ends=NOBODY, sentence="Le DMP est fermé")
    yield Scenario("opposition", state="OPPOSED", ends=NOBODY, sentence=refused)
    yield Scenario("blocked structure", state="BLOCKED", ends=NOBODY, sentence=refused)
    yield Scenario("authorisation expired", state="EXPIRED")
    yield Scenario("never authorised", state="NO_AUTHORIZATION")


def _others() -> Iterator[Scenario]:
    yield Scenario("TD2.1a, said to be there already", ({"kind": "duplicate", "transaction": "2.1a"},))
    gone = f"Le DMP annonce avoir déjà reçu cet envoi. Les documents de cet envoi n'y figurent pas. {LOOK}"
    script = {
        "kind": "refusal",
        "shape": "registry",
        "code": "XDSDuplicateUniqueIdInRegistry",
        "endpoint": "repository",
    }
    yield Scenario("TD2.1a, said to be there and is not", (script,), WARD, gone)
    yield Scenario(
        "lot with one refused document",
        ends=WARD,
        sentence="Le DMP refuse",
        papers=2,
        limits={"document_bytes": 1},
    )
    yield Scenario("lot of two, cut before the answer", (CUT,), papers=2)
    for flaw in ("expired", "other_authority", "wrong_usage"):
        sentence = f"Le DMP refuse le certificat de l'établissement. {SET}"
        yield Scenario(f"TLS certificate {flaw}", ends=WARD, sentence=sentence, certificates=f"auth {flaw}")
    sentence = f"Le certificat de l'établissement ne peut pas servir. {SET}"
    yield Scenario("signing certificate expired", ends=WARD, sentence=sentence, certificates="sign expired")


WHOLE = (*_matrix(), *_replacements(), *_about_the_patient(), *_others())
# One of each kind, for `make test`.
SHORT_NAMES = (
    "TD0.2, connection refused",
    "TD2.1a, cut in the body",
    "TD2.1a, answer too late",
    "TD2.1a, truncated MIME",
    "TD3.1b, HTTP 500",
    "TD3.1b, HTTP 403",
    "TD2.1a, DMPInvalidCertificate as status",
    "TD0.2, closed as hl7",
    "opposition",
    "TLS certificate expired",
    "lot with one refused document",
)
SHORT = tuple(one for one in WHOLE if one.name in SHORT_NAMES)
