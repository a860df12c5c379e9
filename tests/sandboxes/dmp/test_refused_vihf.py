"""VIHF that a DMP refuses: signature, certificate, values, structure, role, time, replay (dmp.md §2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.spoiled import Flaw
from tests.sandboxes.dmp import base, content, messages
from tests.sandboxes.dmp.base import EG, EJ, Edits
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.messages import attribute, role_value, text_value
from tests.sandboxes.dmp.plain_client import admin
from tests.sandboxes.dmp.signing import Signer

RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
CE = 'xsi:type="CE" code="normal"'

# edits made BEFORE signing: the signature is good, the content is not
VALUES: list[tuple[str, Edits, str]] = [
    ("version", ((">3.0<", ">2.0<"),), "sandbox:VihfValue"),
    ("mode", ((">INDIRECTE<", ">AUTOMATIQUE<"),), "sandbox:VihfValue"),
    ("sector", (("SA01^", "SA99^"),), "sandbox:VihfValue"),
    ("sector system", (("1.2.250.1.71.4.2.4<", "1.2.250.1.71.4.2.5<"),), "sandbox:VihfValue"),
    ("urn", ((">urn:dmp<", ">urn:autre<"),), "sandbox:VihfValue"),
    ("patient as bare number", (("^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH", ""),), "sandbox:VihfValue"),
    ("patient with a wrong key", (("290019999900113", "290019999900114"),), "sandbox:VihfValue"),
    ("access mode", ((CE, CE.replace("normal", "bris")),), "sandbox:VihfValue"),
    ("user", ((base.MIDWIFE, "899700000012"),), "sandbox:VihfValue"),
    ("authentication context", (("ac:classes:Password", "ac:classes:Inconnu"),), "sandbox:VihfValue"),
    ("empty software", ((text_value("Essai"), text_value(" ")),), "sandbox:VihfValue"),
    ("structure with a wrong key", ((f">{EG}<", ">1990000136<"),), "sandbox:VihfValue"),
    (
        "no homologation number",
        ((attribute("LPS_ID_HOMOLOGATION_DMP", text_value("ESSAI-0000")), ""),),
        "sandbox:VihfAttribute",
    ),
    ("no software version", ((attribute("LPS_Version", text_value("1.0")), ""),), "sandbox:VihfAttribute"),
    ("value twice", ((text_value("urn:dmp"), text_value("urn:dmp") * 2),), "sandbox:VihfAttribute"),
    ("issuer format", (("nameid-format:X509SubjectName", "nameidformat:X509SubjectName"),), "sandbox:VihfIssuer"),
    ("declaration outside AIR", (("ClassRef>", "Decl>"),), "sandbox:VihfValue"),
    ("no time zone", (('Z" Version', '" Version'),), "sandbox:VihfSchema"),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in VALUES], ids=[case[0] for case in VALUES])
def test_values_refused(caller: Caller, edit: Edits, code: str) -> None:
    assert caller.exists(edit=(), assertion=caller.vihf(edit=edit)).codes == [code]


def test_an_unknown_attribute_is_refused(caller: Caller) -> None:
    extra = attribute("urn:inconnu", text_value("x"))
    assert caller.exists(extra=extra).codes == ["sandbox:VihfAttribute"]


def test_a_missing_vihf_is_refused(caller: Caller) -> None:
    assert caller.exists(assertion="<a:Other/>").codes == ["sandbox:VihfMissing"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("290019999900113", base.CLOSED[:15]),
        (">Ada MARTIN<", ">Eve MARTIN<"),
        ("<ds:DigestValue>", "<ds:DigestValue>A"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
    ],
)
def test_a_vihf_changed_after_signing_is_refused(caller: Caller, old: str, new: str) -> None:
    changed = base.edited(caller.vihf(), ((old, new),))
    assert caller.exists(assertion=changed).codes == ["sandbox:VihfSignature"]


def test_a_signature_wrapped_around_another_assertion_is_refused(caller: Caller) -> None:
    good = caller.vihf()
    identifier = good.split('ID="')[1].split('"')[0]
    evil = good.replace(f'ID="{identifier}"', 'ID="_evil"').replace("290019999900113", base.CLOSED[:15])
    answer = caller.exists(assertion=evil)
    assert answer.codes == ["sandbox:VihfSignature"]
    two = caller.exists(assertion=evil + good)
    assert two.codes == ["sandbox:VihfMissing"]


def test_sha1_is_refused_for_the_vihf(caller: Caller) -> None:
    assert caller.exists(algorithm="sha1").codes == ["sandbox:VihfSignature"]


def test_the_authentication_certificate_does_not_sign(caller: Caller, authority: SandboxAuthority) -> None:
    files = authority.structure(EJ)
    answer = caller.exists(signer=Signer.load(files.auth_pem, files.auth_key))
    assert answer.codes == ["soap:DMPInvalidCertificate"]
    assert "Not a valid signature certificate" in answer.reasons


@pytest.mark.parametrize("flaw", list(Flaw))
def test_spoiled_signature_certificates_are_refused(caller: Caller, authority: SandboxAuthority, flaw: Flaw) -> None:
    files = spoiled.issue(authority, EJ, flaw)
    answer = caller.exists(signer=Signer.load(files.sign_pem, files.sign_key))
    assert answer.codes == ["soap:DMPInvalidCertificate"]


def test_issuer_must_be_the_subject_of_the_certificate(caller: Caller) -> None:
    assert caller.exists(issuer="CN=perinat,C=FR").codes == ["sandbox:VihfIssuer"]


def test_structure_must_be_known(caller: Caller) -> None:
    admin(f"{caller.admin_url}/structures/{EG}", "DELETE")
    answer = caller.exists()
    assert answer.codes == ["sandbox:StructureInactive"]
    assert "Structure introuvable ou Inactive" in answer.reasons


def test_structure_must_be_active(caller: Caller) -> None:
    admin(f"{caller.admin_url}/structures", "PUT", {"struct_idnat": EG, "legal": EJ, "active": False})
    assert caller.exists().codes == ["sandbox:StructureInactive"]


def test_a_site_of_another_legal_entity_is_refused(caller: Caller) -> None:
    admin(f"{caller.admin_url}/structures", "PUT", {"struct_idnat": EG, "legal": base.OTHER_EJ})
    answer = caller.exists()
    assert answer.codes == ["sandbox:StructureMismatch"]
    assert "Erreur d'authentification de la personne morale" in answer.reasons


def test_vihf_and_connection_carry_the_same_legal_entity(caller: Caller, other: Caller) -> None:
    answer = other.exists(assertion=caller.vihf())
    assert answer.codes == ["sandbox:StructureMismatch"]


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (role_value("999"), "sandbox:VihfRole"),
        (role_value("50", "1.2.3"), "sandbox:VihfRole"),
        (text_value("Sage-Femme"), "sandbox:VihfRole"),
        (role_value("50") * 3, "sandbox:VihfRole"),
        (role_value("50").replace('xsi:type="CE"', ""), "sandbox:VihfRole"),
        (role_value("10"), "sandbox:VihfSpeciality"),
        (role_value("21"), "sandbox:VihfSpeciality"),
        (role_value("10") + role_value("SM999", "1.2.250.1.71.4.2.5"), "sandbox:VihfSpeciality"),
    ],
)
def test_roles_refused(caller: Caller, roles: str, code: str) -> None:
    assert caller.exists(roles=roles).codes == [code]


def test_a_doctor_without_speciality_reads_the_official_sentence(caller: Caller) -> None:
    assert "Aucune spécialité dans le vihf" in caller.exists(roles=role_value("10")).reasons


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_vihf_must_be_fresh(caller: Caller, minutes: int) -> None:
    issued = datetime.now(UTC) + timedelta(minutes=minutes)
    assert caller.exists(issued=issued).codes == ["sandbox:VihfExpired"]


@pytest.mark.parametrize(
    "conditions",
    ['<saml2:Conditions NotOnOrAfter="2020-01-01T00:00:00Z"/>', '<saml2:Conditions NotBefore="2090-01-01T00:00:00Z"/>'],
)
def test_conditions_are_honoured(caller: Caller, conditions: str) -> None:
    edit = (("</saml2:Subject>", "</saml2:Subject>" + conditions),)
    assert caller.exists(assertion=caller.vihf(edit=edit)).codes == ["sandbox:VihfExpired"]


def test_a_vihf_serves_once(caller: Caller) -> None:
    assertion = caller.vihf()
    assert caller.exists(assertion=assertion).codes == []
    assert caller.exists(assertion=assertion).codes == ["sandbox:VihfReplayed"]


def test_the_patient_asked_is_the_one_of_the_vihf(caller: Caller) -> None:
    answer = caller.exists(base.CLOSED, assertion=caller.vihf(patient=base.MOTHER))
    assert answer.codes == ["sandbox:PatientMismatch"]


def test_air_mode_does_not_feed(caller: Caller) -> None:
    lot = messages.Lot((content.Document(),))
    assert caller.deposit(lot, mode="INDIRECTE_RENFORCEE").codes == ["sandbox:RightDenied"]
    assert caller.stored() == []


def test_indirect_mode_does_not_read(caller: Caller) -> None:
    body = '<x:RetrieveDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007"/>'
    read = messages.envelope("urn:ihe:iti:2007:RetrieveDocumentSet", caller.vihf(), body)
    assert caller.client.post("/repository", read).codes == ["sandbox:RightDenied"]
    find = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
    assert caller.find("1", edit=((messages.GET_DOCUMENTS, find),)).codes == ["sandbox:RightDenied"]
