"""The channel against the DMP sandbox, on real sockets with mutual TLS: both were written apart."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coordination.ports import (
    Action,
    ChannelError,
    Parcel,
    PermanentChannelError,
    PreviousAbsentError,
    Proof,
    TemporaryChannelError,
    UncertainChannelError,
)
from dmp_gateway.channel import DmpChannel
from dmp_gateway.sandbox.server import DmpSandbox
from perinat.standards import codes
from tests.dmp_gateway import parcels

SHARED = Path(__file__).resolve().parents[3] / "shared"


class Admin:
    """The admin door of the sandbox."""

    def __init__(self, url: str) -> None:
        self._url = url

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=5) as response:
            content = response.read()
        return json.loads(content) if "json" in response.headers["Content-Type"] else content

    def state(self, state: str, patient=parcels.MOTHER) -> None:
        self.call("PUT", "/people", {"matricule": patient.ins.matricule, "oid": patient.ins.oid, "state": state})

    def fault(self, kind: str, **details: Any) -> None:
        self.call("PUT", "/faults", {"kind": kind, **details})

    def documents(self) -> dict[str, Any]:
        return {row["unique_id"]: row for row in self.call("GET", "/documents")}

    def transactions(self) -> list[str]:
        return [row["transaction"] for row in self.call("GET", "/requests")]


@pytest.fixture(scope="module")
def sandbox(authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DmpSandbox]:
    """With the national rules and the schemas where they are present (the sandbox says which it checks)."""
    folder = tmp_path_factory.mktemp("dmp")
    pack, xsd = SHARED / "ans" / "pack", SHARED / "xsd"
    with DmpSandbox(
        folder,
        authority.directory,
        pack=pack if pack.is_dir() else None,
        xsd_dir=xsd if xsd.is_dir() else None,
    ) as running:
        yield running


@pytest.fixture
def admin(sandbox: DmpSandbox) -> Admin:
    door = Admin(sandbox.admin_url)
    door.call("POST", "/reset", {"people": True})
    door.call("PUT", "/structures", {"struct_idnat": parcels.EG, "legal": parcels.EJ, "name": parcels.MATERNITY.name})
    for person in (parcels.MOTHER, parcels.NEWBORN):
        door.state("NO_AUTHORIZATION", person)
    return door


@pytest.fixture
def channel(sandbox: DmpSandbox, authority, admin: Admin) -> DmpChannel:
    return channel_with(sandbox, authority)


def channel_with(sandbox: DmpSandbox, authority, **changes: Any) -> DmpChannel:
    patient = {"read_timeout": 30.0}  # the sandbox compiles the national rules at the first document
    config = replace(parcels.config(authority.directory, sandbox.base_url), **(patient | changes))
    return DmpChannel(lambda: config)


def refused(channel: DmpChannel, parcel, kind: type[ChannelError] = PermanentChannelError) -> ChannelError:
    with pytest.raises(ChannelError) as raised:
        channel.submit(parcel)
    assert type(raised.value) is kind, raised.value.raw.decode("utf-8", "replace")
    return raised.value


def test_submit_stores_every_document_under_the_site(channel, admin):
    parcel = parcels.parcel(
        parcels.document(),
        parcels.document(codes.ORDONNANCE_PRODUITS, masks=(codes.MASQUE_PS,)),
    )
    proof = channel.submit(parcel)
    assert (proof.code, proof.remote_id) == ("Success", parcel.submission_set.unique_id)
    assert b"ResponseStatusType:Success" in proof.raw
    stored = admin.documents()
    assert set(stored) == set(proof.documents) == {d.unique_id for d in parcel.documents}
    first, second = (stored[d.unique_id] for d in parcel.documents)
    assert (first["structure"], first["legal"], first["mode"]) == (parcels.EG, parcels.EJ, "INDIRECTE")
    assert first["hash_sha1"] == parcel.documents[0].entry.hash_sha1
    assert second["confidentiality"] == ["N", "MASQUE_PS"]
    assert admin.call("GET", f"/documents/{parcel.documents[0].unique_id}/bytes") == parcel.documents[0].cda
    assert sorted(admin.transactions()) == ["0.2", "2.1a"]


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
@pytest.mark.parametrize(
    "user", [(parcels.MIDWIFE, "50"), (parcels.DOCTOR, "10"), (parcels.MIDWIFE, "SECRETARIAT_MEDICAL")]
)
def test_submit_by_any_user_with_either_digest(sandbox, authority, admin, digest, user):
    channel = channel_with(sandbox, authority, xades_digest=digest)
    assert channel.submit(parcels.parcel(sent_by=parcels.sender(*user))).code == "Success"


def test_a_newborn_document_goes_to_the_newborn(channel, admin):
    document = parcels.document(patient=parcels.NEWBORN)
    channel.submit(parcels.parcel(document, patient=parcels.NEWBORN))
    assert admin.documents()[document.unique_id]["patient"].startswith(parcels.NEWBORN.ins.matricule)


def test_a_document_hidden_from_the_representatives_goes_in_secret_connection(channel, admin):
    hidden = parcels.document(masks=(codes.INVISIBLE_REPRESENTANTS_LEGAUX,))
    assert channel.submit(replace(parcels.parcel(hidden), secret=True)).code == "Success"
    assert admin.documents()[hidden.unique_id]["confidentiality"] == ["N", "INVISIBLE_REPRESENTANTS_LEGAUX"]


def test_in_secret_connection_a_document_that_the_parents_would_read_never_leaves(channel, admin):
    shown = parcels.document()
    assert refused(channel, replace(parcels.parcel(shown), secret=True)).code == "SECRET_NOT_HIDDEN"
    assert shown.unique_id not in admin.documents()


def test_resubmission_is_recognised_and_stores_nothing_twice(channel, admin):
    parcel = parcels.parcel(parcels.document(), parcels.document(codes.ORDONNANCE_PRODUITS))
    channel.submit(parcel)
    proof = channel.submit(parcel)
    assert proof.code == "XDSDuplicateUniqueIdInRegistry"
    stored = admin.documents()
    assert len(stored) == 2
    assert proof.documents == {name: row["entry_uuid"] for name, row in stored.items()}


def test_another_content_under_the_same_identifier_is_refused(channel, admin):
    parcel = parcels.parcel()
    channel.submit(parcel)
    document = parcel.documents[0]
    other = parcels.sealed_again(document, pdf=parcels.PDF + b"%\n")
    assert refused(channel, parcels.parcel(other)).code == "XDSNonIdenticalHash"


def test_find_before_and_after(channel, admin):
    parcel = parcels.parcel()
    assert channel.find(parcel) is None
    channel.submit(parcel)
    proof = channel.find(parcel)
    assert proof is not None and proof.code == "TD3.1b"
    assert proof.documents[parcel.documents[0].unique_id].startswith("urn:uuid:")
    assert channel.find(parcels.parcel(parcel.documents[0], parcels.document())) is None


def test_replace_deprecates_the_old_version(channel, admin):
    old = parcels.document()
    channel.submit(parcels.parcel(old))
    new = parcels.document(replaces=old)
    parcel = parcels.parcel(new, action=Action.REPLACE)
    assert channel.submit(parcel).code == "Success"
    stored = admin.documents()
    assert stored[old.unique_id]["status"].endswith(":Deprecated")
    assert stored[new.unique_id]["status"].endswith(":Approved")
    assert stored[new.unique_id]["replaces"] == stored[old.unique_id]["entry_uuid"]
    assert channel.submit(parcel).code in ("XDSDuplicateUniqueIdInRegistry", "XDSRegistryDeprecatedDocumentError")


def test_another_confidentiality_is_another_version(channel, admin):
    """INDIRECTE has no right on TD3.3a and b: the codes change with an RPLC, and the old version keeps its own."""
    hidden = parcels.document(masks=(codes.INVISIBLE_PATIENT,))
    channel.submit(parcels.parcel(hidden))
    shown = parcels.document(replaces=hidden)
    assert channel.submit(parcels.parcel(shown, action=Action.REPLACE)).code == "Success"
    masked = parcels.document(replaces=shown, masks=(codes.MASQUE_PS,))
    assert channel.submit(parcels.parcel(masked, action=Action.REPLACE)).code == "Success"
    stored = admin.documents()
    told = {name: (row["confidentiality"], row["status"].rpartition(":")[2]) for name, row in stored.items()}
    assert told == {
        hidden.unique_id: (["N", "INVISIBLE_PATIENT"], "Deprecated"),
        shown.unique_id: (["N"], "Deprecated"),
        masked.unique_id: (["N", "MASQUE_PS"], "Approved"),
    }


def test_the_dmp_refuses_two_masks_even_when_the_gateway_lets_them_pass(sandbox, authority, admin):
    lenient = channel_with(sandbox, authority, hidden_and_masked=True)
    both = parcels.document(masks=(codes.MASQUE_PS, codes.INVISIBLE_PATIENT))
    refused(lenient, parcels.parcel(both))
    assert both.unique_id not in admin.documents()


def test_a_version_that_is_not_there_cannot_be_replaced(channel, admin):
    new = parcels.document(replaces=parcels.document())
    error = refused(channel, parcels.parcel(new, action=Action.REPLACE), PreviousAbsentError)
    assert error.code == "PREVIOUS_ABSENT"
    assert admin.documents() == {}


def test_withdraw_deletes_every_document_and_may_be_said_twice(channel, admin):
    documents = (parcels.document(), parcels.document(codes.ORDONNANCE_PRODUITS))
    channel.submit(parcels.parcel(*documents))
    recall = parcels.parcel(*documents, action=Action.WITHDRAW)
    assert channel.withdraw(recall).code == "Success"
    assert all(row["status"].endswith(":Deleted") for row in admin.documents().values())
    assert channel.withdraw(recall).code in ("absent", "XDSDuplicateUniqueIdInRegistry")


def test_withdraw_by_the_identifier_of_the_version_named(channel, admin):
    """A withdrawal may carry a document that was never deposited and names the one to take back."""
    old = parcels.document()
    channel.submit(parcels.parcel(old))
    channel.withdraw(parcels.parcel(parcels.document(replaces=old), action=Action.WITHDRAW))
    assert admin.documents()[old.unique_id]["status"].endswith(":Deleted")


def test_withdraw_what_is_not_there(channel, admin):
    assert channel.withdraw(parcels.parcel(action=Action.WITHDRAW)).code == "absent"


@pytest.mark.parametrize(
    ("state", "code", "sentence"),
    [
        ("NONE", "NF", "Il n'y a pas de DMP à ce nom. Rien à faire côté DMP."),
        (
            "CLOSED",
            "FERMETURE_DEMANDE_PATIENT",
            "Le DMP est fermé à la demande de la patiente. Rien à faire côté DMP.",
        ),
        (
            "BLOCKED",
            "INTERDIT",
            "L'accès de l'établissement au DMP est refusé par la patiente. Rien à faire côté DMP.",
        ),
        (
            "OPPOSED",
            "INTERDIT",
            "L'accès de l'établissement au DMP est refusé par la patiente. Rien à faire côté DMP.",
        ),
    ],
)
def test_states_of_the_dmp(channel, admin, state, code, sentence):
    admin.state(state)
    error = refused(channel, parcels.parcel())
    assert isinstance(error, PermanentChannelError)
    assert (error.code, error.message_fr, error.functional) == (code, sentence, True)
    assert admin.transactions() == ["0.2"]


@pytest.mark.parametrize("state", ["OK", "NO_AUTHORIZATION", "EXPIRED", "EMERGENCY_OPPOSED"])
def test_states_that_welcome_a_deposit(channel, admin, state):
    admin.state(state)
    assert channel.submit(parcels.parcel()).code == "Success"


def test_a_site_of_another_entity_is_refused(channel, admin):
    admin.call("PUT", "/structures", {"struct_idnat": parcels.EG, "legal": parcels.OTHER_EJ})
    error = refused(channel, parcels.parcel())
    assert not error.functional
    assert "établissement" in error.message_fr


def test_an_inactive_structure_is_refused(channel, admin):
    admin.call("PUT", "/structures", {"struct_idnat": parcels.EG, "legal": parcels.EJ, "active": False})
    assert refused(channel, parcels.parcel()).message_fr.startswith("Le DMP ne reconnaît pas l'établissement.")


def test_the_certificate_of_the_wrong_use_is_refused(sandbox, authority, admin, tmp_path):
    """TLS opened with ORG_SIGN in place of ORG_AUTH_CLI."""
    folder = tmp_path / "structures" / parcels.EJ
    folder.mkdir(parents=True)
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem.read_bytes())
    files = authority.structure(parcels.EJ)
    for name in ("auth", "sign"):
        (folder / f"{name}.pem").write_bytes(files.sign_pem.read_bytes())
        (folder / f"{name}.key").write_bytes(files.sign_key.read_bytes())
    error = refused(channel_with(sandbox, authority, pki_dir=tmp_path), parcels.parcel())
    assert error.code in ("DMPInvalidCertificate", "CERTIFICATE_REFUSED")


# --- Bad days -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "failure", "kept"),
    [
        ("busy", TemporaryChannelError, False),
        ("soap_fault", UncertainChannelError, False),
        ("http_500", UncertainChannelError, False),
        ("cut_before_reading", UncertainChannelError, False),
        ("cut_before_storing", UncertainChannelError, False),
        ("cut_after_storing", UncertainChannelError, True),
        ("garbled", UncertainChannelError, True),
        ("truncated", UncertainChannelError, True),
    ],
)
def test_in_doubt_find_tells_the_truth(channel, admin, kind, failure, kept):
    parcel = parcels.parcel()
    admin.fault(kind, endpoint="repository")
    refused(channel, parcel, failure)
    assert (len(admin.documents()) == 1) is kept
    assert (channel.find(parcel) is not None) is kept
    if not kept:
        assert channel.submit(parcel).code == "Success"
    assert len(admin.documents()) == 1


def test_an_answer_that_does_not_come_is_in_doubt(sandbox, authority, admin):
    parcel = parcels.parcel()
    admin.fault("pause_before_answering", endpoint="repository", seconds=3)
    begun = time.monotonic()
    refused(channel_with(sandbox, authority, read_timeout=0.5), parcel, UncertainChannelError)
    assert time.monotonic() - begun < 2
    admin.call("POST", "/faults/release")
    assert channel_with(sandbox, authority).find(parcel) is not None


def test_said_duplicate_is_checked_before_it_is_believed(channel, admin):
    admin.fault("duplicate", endpoint="repository")
    parcel = parcels.parcel()
    proof = channel.submit(parcel)
    assert proof.code == "XDSDuplicateUniqueIdInRegistry"
    assert list(admin.documents()) == list(proof.documents) == [parcel.documents[0].unique_id]
    assert admin.transactions().count("3.1b") == 1


def test_an_answer_given_twice_is_never_taken_for_the_next_one(channel, admin):
    for endpoint in ("patients", "repository"):
        admin.fault("answer_twice", endpoint=endpoint)
    for _ in range(3):
        parcel = parcels.parcel()
        assert attempt(channel, parcel) or attempt(channel, parcel)
    assert len(admin.documents()) == 3


def attempt(channel: DmpChannel, parcel: Parcel) -> Proof | None:
    """What the core does: submit, and in doubt ask before anything else."""
    try:
        return channel.submit(parcel)
    except (TemporaryChannelError, UncertainChannelError):
        return channel.find(parcel)


def test_an_assertion_serves_once(channel, admin):
    """Each call carries its own: many calls in a row are never refused as replayed."""
    for _ in range(3):
        assert channel.submit(parcels.parcel()).code == "Success"
    assert admin.transactions().count("2.1a") == 3


def test_five_megabytes(sandbox, authority, admin):
    sandbox.limit(document_bytes=16_000_000)
    channel = channel_with(sandbox, authority, max_bytes=16_000_000)
    large = parcels.document(pdf=parcels.PDF + bytes(range(256)) * 15_000)
    assert len(large.cda) > 5_000_000
    assert channel.submit(parcels.parcel(large)).code == "Success"
    assert admin.documents()[large.unique_id]["size"] == len(large.cda)
    sandbox.limit(document_bytes=5 * 1024 * 1024)
