"""What a strict operator refuses at DATA, each with its clause; and what it must let through."""

from __future__ import annotations

import io
import random
import smtplib
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import Http
from tests.sandboxes.mssante.mails import Doc, Draft, tree, zipped

GOOD = Draft()
DOC = Doc()
TWO = (DOC, Doc(name="DOC0002.XML", unique_id="2.25.102", code="57833-6", label="Prescription de produits de santé"))
PATIENT = f"{mails.INS}@patient.mssante.fr"
LONG = "Lettre de liaison à la sortie d'un établissement de soins"


def with_doc(**changes: object) -> Draft:
    """The good mail with another document inside."""
    return GOOD.but(docs=(replace(DOC, **changes),))  # type: ignore[arg-type]


def with_files(change: Callable[[dict[str, bytes]], object]) -> Draft:
    """The good mail with the files of its archive changed in place."""
    files = tree([DOC])
    change(files)
    return GOOD.but(archive=zipped(files))


def with_metadata(**changes: object) -> Draft:
    return GOOD.but(archive=zipped(tree([DOC], **changes)))  # type: ignore[arg-type]


def renamed(old: str, new: str) -> Draft:
    return with_files(lambda files: files.update({new: files.pop(old)}))


def twice() -> bytes:
    """An archive that holds two files of one name."""
    buffer = io.BytesIO(zipped(tree([DOC])))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("readme.txt", b"again")
    return buffer.getvalue()


def encrypted() -> bytes:
    """The encryption bit set in local and central headers."""
    data = bytearray(zipped(tree([DOC])))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


BAD: dict[str, tuple[Draft | bytes, str]] = {
    # headers of every mail
    "nil-missing": (GOOD.with_headers(X_MSS_NIL=None), "ECO.2.4.3"),
    "nil-syntax": (GOOD.with_headers(X_MSS_NIL="?? ??"), "ECO.2.4.3"),
    "message-id-missing": (GOOD.with_headers(Message_ID=None), "ECO.2.2.1"),
    "message-id-syntax": (GOOD.with_headers(Message_ID="no-brackets"), "ECO.2.2.1"),
    "references": (GOOD.with_headers(In_Reply_To="<a@b.example>"), "ECO.2.2.2"),
    "date": (GOOD.with_headers(Date=None), "RFC 5322"),
    "from-envelope": (GOOD.with_headers(From="X <autre@maternite.mssante.example>"), "RFC 5322"),
    "no-recipient": (GOOD.with_headers(To=None), "RFC 5322"),
    "mes-value": (GOOD.with_headers(X_MSS_MES="fin"), "ECO.2.2.8"),
    "mes-unexpected": (GOOD.with_headers(X_MSS_MES="FIN"), "ECO.2.2.8"),
    "repeated-header": (b"X-MSS-NIL: AUTRE1\r\n" + GOOD.raw(), "RFC 5322"),
    "raw-header": (
        GOOD.with_headers(Subject=None).raw().replace(b"To: ", "Subject: XDM/1.0/DDM+é\r\nTo: ".encode(), 1),
        "RFC 2047",
    ),
    "line-length": (GOOD.raw().replace(b"Bonjour,", b"Bonjour" * 200), "RFC 5322"),
    # text
    "charset": (GOOD.raw().replace(b'charset="utf-8"', b'charset="iso-8859-1"', 1), "ECO.2.2.3"),
    "body": (GOOD.raw().replace(b"text/plain", b"text/html", 1), "ECO.2.2.4"),
    "filename-encoding": (
        GOOD.raw().replace(b'filename="IHE_XDM.zip"', b'filename="=?utf-8?q?IHE_XDM.zip?="', 1),
        "RFC 2231",
    ),
    # MSSanté headers of a document mail
    "codecda-missing": (GOOD.with_headers(X_MSS_CODECDA=None), "ECO.2.4.1"),
    "codecda-mismatch": (GOOD.with_headers(X_MSS_CODECDA="11490-0"), "ECO.2.4.1"),
    "ins-missing": (GOOD.with_headers(X_MSS_INS=None), "ECO.2.4.2"),
    "ins-value": (GOOD.with_headers(X_MSS_INS="Y"), "ECO.2.4.2"),
    "ins-mismatch": (GOOD.with_headers(X_MSS_INS="N"), "ECO.2.4.2"),
    "header-unexpected": (GOOD.but(archive=b""), "ECO.2.4.1"),
    # subject
    "subject-prefix": (GOOD.but(subject="XDM/1.0/DDM CR hospitalier (séjour) CORSE-ETE FIGATELLIX"), "ECO.2.1.3"),
    "subject-label": (GOOD.but(subject="XDM/1.0/DDM+Compte rendu CORSE-ETE FIGATELLIX 12/10/1988"), "ECO.2.1.3"),
    "subject-name": (GOOD.but(subject="XDM/1.0/DDM+CR hospitalier (séjour) DURAND FIGATELLIX"), "ECO.2.1.3"),
    "subject-name (lower case)": (
        GOOD.but(subject="XDM/1.0/DDM+CR hospitalier (séjour) Corse-Ete FIGATELLIX 12/10/1988"),
        "ECO.2.1.3",
    ),
    "subject-name (accent)": (
        GOOD.but(subject="XDM/1.0/DDM+CR hospitalier (séjour) CORSE-ÉTÉ FIGATELLIX 12/10/1988"),
        "ECO.2.1.3",
    ),
    "subject-date": (GOOD.but(subject="XDM/1.0/DDM+CR hospitalier (séjour) CORSE-ETE FIGATELLIX 13/10/1988"), "ECO"),
    "subject-date (form)": (
        GOOD.but(subject="XDM/1.0/DDM+CR hospitalier (séjour) CORSE-ETE FIGATELLIX 1988-10-12"),
        "ECO.2.1.3",
    ),
    "subject-label (several)": (
        GOOD.but(docs=TWO, subject="XDM/1.0/DDM+3 documents CORSE-ETE FIGATELLIX 12/10/1988"),
        "ECO.2.1.3",
    ),
    # archive
    "xdm-missing": (GOOD.but(archive=b"").with_headers(X_MSS_CODECDA=None, X_MSS_INS=None), "ECO.2.1.1"),
    "xdm-name": (GOOD.but(archive_name="documents.zip"), "ECO.2.1.1"),
    "zip": (GOOD.but(archive=b"PK not a zip"), "ITI-32"),
    "zip-traversal": (renamed("README.TXT", "../README.TXT"), "ITI-32"),
    "zip-duplicate": (GOOD.but(archive=twice()), "ITI-32"),
    "zip-encrypted": (GOOD.but(archive=encrypted()), "ITI-32"),
    "zip-bomb": (with_files(lambda files: files.update({"BOMB.TXT": bytes(101 << 20)})), "ITI-32"),
    "layout-root": (with_files(lambda files: files.pop("README.TXT")), "ITI-32"),
    "layout-name": (with_files(lambda files: files.update({"IHE_XDM/SUBSET01/longname1.xml": b""})), "ISO 9660"),
    "layout-metadata": (renamed("IHE_XDM/SUBSET01/METADATA.XML", "IHE_XDM/SUBSET01/METADONN.XML"), "ITI-32"),
    # METADATA.XML
    "metadata-xml": (with_files(lambda files: files.update({"IHE_XDM/SUBSET01/METADATA.XML": b"<a"})), "TF-3"),
    "metadata-root": (with_files(lambda files: files.update({"IHE_XDM/SUBSET01/METADATA.XML": b"<a/>"})), "TF-3"),
    "metadata-hash": (with_metadata(without=frozenset({"hash"})), "TF-3"),
    "metadata-hash-value": (with_doc(hash="0" * 40), "TF-3"),
    "metadata-size-value": (with_doc(size="12"), "TF-3"),
    "metadata-uri-target": (with_doc(uri="DOC0009.XML"), "TF-3"),
    "metadata-member": (with_metadata(without=frozenset({"HasMember"})), "TF-3"),
    "metadata-attribute": (with_metadata(without=frozenset({"classCode"})), "TF-3"),
    "metadata-type": (with_doc(type_code="11490-0"), "TF-3"),
    "metadata-ins": (with_doc(patient=f"126117864600163^^^&amp;{mails.INS_OID}&amp;ISO^NH"), "ECO.2.1.2"),
    "metadata-coverage": (
        with_files(lambda files: files.update({"IHE_XDM/SUBSET01/DOC0002.XML": TWO[1].cda()})),
        "TF-3",
    ),
    "replace-target": (with_metadata(action="C"), "IG TRANS"),
    "metadata-action": (with_metadata(action="Z"), "IG TRANS"),
    # CDA and patient
    "cda-xml": (with_files(lambda files: files.update({"IHE_XDM/SUBSET01/DOC0001.XML": b"<x/>"})), "ECO.2.1.1"),
    "several-patients": (
        GOOD.but(
            docs=(DOC, replace(TWO[1], family="AUTRE", ins="126117864600163")),
            subject="XDM/1.0/DDM+2 documents CORSE-ETE FIGATELLIX 12/10/1988",
        ),
        "ECO.2.1.1",
    ),
    "ins-key": (with_doc(ins="279035121518900"), "INS"),
    "ins-traits": (with_doc(sex=""), "INS/va1.53"),
    # readable twins
    "pdf-missing": (GOOD.but(pdfs=()), "ECO.2.1.1"),
    "pdf-extra": (GOOD.but(pdfs=((DOC.pdf_name, mails.PDF), ("note.pdf", mails.PDF))), "ECO.2.1.1"),
    "pdf-format": (GOOD.but(pdfs=((DOC.pdf_name, b"hello"),)), "ECO.2.1.1"),
    "pdf-a": (GOOD.but(pdfs=((DOC.pdf_name, b"%PDF-1.4\nplain"),)), "ECO.2.1.1"),
    "pdf-n1": (GOOD.but(pdfs=((DOC.pdf_name, mails.PDF + b"changed"),)), "ECO.2.1.5"),
    "pdf-name": (GOOD.but(pdfs=(("lettre.pdf", mails.PDF),)), "ECO.2.1.6"),
    "pdf-name-content": (GOOD.but(pdfs=(("20261118_CR operatoire_DURAND_Anne.pdf", mails.PDF),)), "ECO.2.1.6"),
}

FINE: dict[str, Draft] = {
    "one N1 document": GOOD,
    "archive named as Mediboard does": GOOD.but(archive_name="IHE_XDM.ZIP"),
    "structured body": with_doc(pdf=None),
    "no date in the subject": GOOD.but(subject="XDM/1.0/DDM+CR hospitalier (séjour) CORSE-ETE FIGATELLIX"),
    "label without accents": GOOD.but(subject="XDM/1.0/DDM+CR hospitalier (sejour) CORSE-ETE FIGATELLIX 12/10/1988"),
    "label cut to 40 characters": with_doc(code="11490-0", label=LONG).but(
        subject=f"XDM/1.0/DDM+{LONG[:40]} CORSE-ETE Figatellix 12/10/1988"
    ),
    "two documents": GOOD.but(docs=TWO, subject="XDM/1.0/DDM+2 documents CORSE-ETE FIGATELLIX 12/10/1988"),
    "identity not qualified": with_doc(ins=""),
    "file number in the name": GOOD.but(pdfs=((DOC.pdf_name.replace(".pdf", "_42.pdf"), mails.PDF),)),
    "replacement with its mention": with_doc(replaces="2.25.77").but(
        archive=zipped(tree([replace(DOC, replaces="2.25.77")], action="C")),
        subject="XDM/1.0/DDM+[Annule et remplace] CR hospitalier (séjour) CORSE-ETE FIGATELLIX 12/10/1988",
    ),
}


def as_bytes(mail: Draft | bytes) -> bytes:
    return mail.raw() if isinstance(mail, Draft) else mail


@pytest.fixture(scope="module")
def findings_of() -> Callable[..., list[tuple[str, str]]]:
    """Pure check of a mail, without a server."""
    from mssante.sandbox.lint import lint

    def check(mail: Draft | bytes, to: str = mails.MIDWIFE) -> list[tuple[str, str]]:
        found = lint(as_bytes(mail), mail_from=mails.HOSPITAL, recipients=[to])
        return [(finding.rule, finding.clause) for finding in found if finding.severity == "error"]

    return check


@pytest.mark.parametrize("case", BAD)
def test_breach_is_found_with_its_clause(case: str, findings_of: Callable[..., list[tuple[str, str]]]) -> None:
    mail, clause = BAD[case]
    rule = case.partition(" (")[0]
    found = findings_of(mail)
    assert any(rule == name and clause in where for name, where in found), found


@pytest.mark.parametrize("case", FINE)
def test_good_mail_has_no_finding(case: str, findings_of: Callable[..., list[tuple[str, str]]]) -> None:
    assert findings_of(FINE[case]) == []


def test_operator_refuses_every_bad_mail_at_data(smtp: Callable[..., smtplib.SMTP], admin: Http) -> None:
    client = smtp()
    for case, (mail, clause) in BAD.items():
        if case == "zip-bomb":
            continue  # 101 MB of zeros: once is enough, above
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            client.sendmail(mails.HOSPITAL, [mails.MIDWIFE], as_bytes(mail))
        text = refusal.value.smtp_error.decode()
        assert refusal.value.smtp_code == 554, case
        assert text.startswith("5.7.1 sandbox:"), case
        assert f"sandbox:{case.partition(' (')[0]} [" in text, text
        assert clause in text, text
    assert admin.call("GET", "/messages") == []
    refused = [record for record in admin.call("GET", "/lint") if record["verdict"] == "refused"]
    assert len(refused) == len(BAD) - 1


def test_refusals_name_nobody(smtp: Callable[..., smtplib.SMTP], admin: Http) -> None:
    client = smtp()
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        client.sendmail(mails.HOSPITAL, [mails.MIDWIFE], as_bytes(BAD["subject-date"][0]))
    said = refusal.value.smtp_error.decode() + str(admin.call("GET", "/refusals"))
    assert not any(word in said for word in (mails.INS, "CORSE", "FIGATELLIX", "1988"))


def test_good_mails_are_accepted(smtp: Callable[..., smtplib.SMTP], admin: Http) -> None:
    client = smtp()
    for draft in FINE.values():
        client.sendmail(mails.HOSPITAL, [mails.MIDWIFE], draft.raw())
    assert len(admin.call("GET", f"/messages?mailbox={mails.MIDWIFE}")) == len(FINE)


def test_patient_mail_needs_qualified_ins_and_the_right_mailbox(
    findings_of: Callable[..., list[tuple[str, str]]],
) -> None:
    fine = GOOD.but(to=PATIENT).with_headers(X_MSS_MES="FIN")
    assert findings_of(fine, PATIENT) == []
    assert ("patient-ins", "ECO.2.2.6") in findings_of(with_doc(ins=""), PATIENT)
    other = "126117864600163@patient.mssante.fr"
    assert ("patient-address", "ENS v1.3 §2") in findings_of(GOOD, other)
    hidden = with_doc(mask="INVISIBLE_PATIENT")
    assert ("patient-mask", "IG TRANS v2.1.2") in findings_of(hidden, PATIENT)


def test_bare_line_feed_is_refused(findings_of: Callable[..., list[tuple[str, str]]]) -> None:
    assert ("bare-line-end", "RFC 5321 §2.3.8") in findings_of(GOOD.raw().replace(b"\r\n", b"\n", 1))


def test_hostile_bytes_never_break_the_linter(findings_of: Callable[..., list[tuple[str, str]]]) -> None:
    """A seeded handful of damaged mails: always findings, never an exception."""
    chance = random.Random(7)
    raw = GOOD.raw()
    for _ in range(150):
        spoiled = bytearray(raw)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(1500)
            spoiled[at : at + chance.randint(0, 9)] = chance.choice([b"\xff\xfe", b"\r\n", b"=?x?q?=80?=", b'"', b"\0"])
        assert isinstance(findings_of(bytes(spoiled)), list)


def test_report_mode_keeps_findings_and_accepts(smtp: Callable[..., smtplib.SMTP], admin: Http) -> None:
    admin.call("PUT", "/settings", {"lint": "report"})
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], as_bytes(BAD["nil-missing"][0]))
    (record,) = admin.call("GET", "/lint")
    assert record["verdict"] == "accepted"
    assert record["findings"][0]["clause"] == "ECO.2.4.3"
    admin.call("PUT", "/settings", {"lint": "off"})
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], b"Message-ID: <x@y.example>\r\n\r\nx\r\n")
    assert len(admin.call("GET", "/lint")) == 1


def test_undeclared_product_is_refused(smtp: Callable[..., smtplib.SMTP], admin: Http) -> None:
    admin.call("PUT", "/settings", {"known_nils": ["DEV935997"]})
    with pytest.raises(smtplib.SMTPDataError, match="nil-unknown"):
        smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], GOOD.raw())
