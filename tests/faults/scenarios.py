"""What goes wrong, where, and how it must end. Data only: the sentences are written here a second time on purpose.

A scenario ends in the DMP (`DMP`: done there exactly once, accepted), on the list of the ward (`WARD`: refused, that
sentence) or as a normal answer about the patient (`NOBODY`: nothing to correct, on no list). What ended on a list is
relaunched once the cause is gone, and must then be done in the DMP, once. What is done: a deposit, or a deletion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DMP, WARD, NOBODY = "dmp", "ward", "nobody"
Script = dict[str, Any]
LOOK = "L'administrateur doit examiner la réponse, puis relancer l'envoi."
SET = "L'administrateur doit corriger le réglage, puis relancer l'envoi."


@dataclass(frozen=True, slots=True)
class Step:
    """One request among those of a sending: the one after `passing` others at the same `endpoint`.

    `first`: what must go wrong before, for perinat to make this request at all. `follows`: what is sent is the next
    version of a paper deposited before it went wrong (`REPLACED`), or takes that paper back (`TAKEN_BACK`).
    """

    name: str
    endpoint: str
    passing: int = 0
    first: tuple[Script, ...] = ()
    follows: str = ""

    def at(self, script: Script) -> tuple[Script, ...]:
        """The fault at this step. A new connection is only opened after a cut."""
        here = {"endpoint": self.endpoint, "after": self.passing}
        if script["kind"] == "connection_refused":
            return (*(self.first or ({"kind": "cut_before_reading", **here},)), script)
        return (*self.first, {**script, **here})


def _lost(transaction: str) -> tuple[Script, ...]:
    """The act is done and its answer lost: perinat asks by TD3.1b."""
    return ({"kind": "cut_after_storing", "transaction": transaction},)


REPLACED, TAKEN_BACK = "replaced", "taken back"
STEPS = (
    Step("TD0.2", "patients"),
    Step("TD2.1a", "repository"),
    Step("TD3.1b", "registry", first=_lost("2.1a")),
    Step("TD3.1b before TD2.1b", "registry", follows=REPLACED),
    Step("TD2.1b", "repository", follows=REPLACED),
    Step("TD3.1b after TD2.1b", "registry", passing=1, first=_lost("2.1b"), follows=REPLACED),
    Step("TD3.1b before TD3.3c", "registry", follows=TAKEN_BACK),
    Step("TD3.3c", "registry", passing=1, follows=TAKEN_BACK),
    Step("TD3.1b after TD3.3c", "registry", passing=2, first=_lost("3.3c"), follows=TAKEN_BACK),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`faults`: told to the sandbox before the sending; `state`: of the DMP of the mother; `certificates`: of ours,
    spoiled how; `server`: the certificate that the DMP shows, spoiled how; `papers`: how many in one lot; `limits`: of
    the sandbox; `follows`: see Step.
    """

    name: str
    faults: tuple[Script, ...] = ()
    ends: str = DMP
    sentence: str = ""
    state: str = "OK"
    certificates: str = ""
    server: str = ""
    papers: int = 1
    limits: dict[str, int] = field(default_factory=dict)
    follows: str = ""

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


def _matrix() -> Iterator[Scenario]:
    for step in STEPS:
        for name, script in TRIED_AGAIN:
            yield Scenario(f"{step.name}, {name}", step.at(script), follows=step.follows)
        for name, script, sentence in REFUSED:
            yield Scenario(f"{step.name}, {name}", step.at(script), WARD, sentence, follows=step.follows)
        for shape in SHAPES:
            for code, sentence in REFUSALS:
                script = {"kind": "refusal", "shape": shape, "code": code, "party": "Sender"}
                name = f"{step.name}, {code} as {shape}"
                yield Scenario(name, step.at(script), WARD, sentence, follows=step.follows)


def _about_the_patient() -> Iterator[Scenario]:
    for step in STEPS:
        for shape in SHAPES if step.name in ("TD0.2", "TD2.1a", "TD2.1b", "TD3.3c") else ():
            script = {"kind": "refusal", "shape": shape, "code": "DMPClosed", "party": "Sender"}
            yield Scenario(f"{step.name}, closed as {shape}", step.at(script), NOBODY, CLOSED, follows=step.follows)
    refused = "L'accès de l'établissement au DMP est refusé par la patiente. Rien à faire côté DMP."
    yield Scenario("no DMP", state="NONE", ends=NOBODY, sentence="Il n'y a pas de DMP à ce nom. Rien à faire")
    yield Scenario("closed DMP", state="CLOSED", ends=NOBODY, sentence="Le DMP est fermé")
    yield Scenario("opposition", state="OPPOSED", ends=NOBODY, sentence=refused)
    yield Scenario("blocked structure", state="BLOCKED", ends=NOBODY, sentence=refused)
    yield Scenario("authorisation expired", state="EXPIRED")
    yield Scenario("never authorised", state="NO_AUTHORIZATION")


def _certificates() -> Iterator[Scenario]:
    """Ours are refused, or cannot serve; or the server is not the DMP: nothing may be sent to it."""
    for follows in ("", TAKEN_BACK):
        what = f", {follows}" if follows else ""
        refused = f"Le DMP refuse le certificat de l'établissement. {SET}"
        for flaw in ("expired", "not_yet_valid", "other_authority", "wrong_usage"):
            ours = f"auth {flaw}"
            yield Scenario(f"TLS certificate {flaw}{what}", (), WARD, refused, certificates=ours, follows=follows)
        useless = f"Le certificat de l'établissement ne peut pas servir. {SET}"
        ours = "sign expired"
        yield Scenario(f"signing certificate expired{what}", (), WARD, useless, certificates=ours, follows=follows)
    stranger = f"Le serveur joint n'est pas reconnu comme étant le DMP. {SET}"
    for step in STEPS:
        if step.passing and not step.first:  # on the connection of the request before
            continue
        old = {"kind": "cut_before_reading", "endpoint": step.endpoint, "after": step.passing, "times": None}
        for flaw in ("expired", "not_yet_valid", "other_authority", "wrong_usage"):
            name = f"{step.name}, server certificate {flaw}"
            yield Scenario(name, (*step.first, old), WARD, stranger, server=flaw, follows=step.follows)


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
    yield Scenario("lot of two, cut before the answer", _lost("2.1a"), papers=2)
    yield Scenario(
        "TD3.3c, said to be done already", ({"kind": "duplicate", "transaction": "3.3c"},), follows=TAKEN_BACK
    )


WHOLE = (*_matrix(), *_about_the_patient(), *_certificates(), *_others())
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
    "TD3.3c, cut before the answer",
    "TD0.2, server certificate other_authority",
    "TLS certificate expired",
    "lot with one refused document",
)
SHORT = tuple(one for one in WHOLE if one.name in SHORT_NAMES)
