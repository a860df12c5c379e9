"""What a person looks at in the sandbox: people, documents with what they say, refusals and why, faults."""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from dmp_gateway.sandbox import narrative
from tests.coordination.cda.writing import document, section
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import Lot

HOSTILE = '<paragraph onclick="x()">Bonjour <script>alert(1)</script><content>ici</content> &lt;b&gt;</paragraph>'


def page(caller: Caller, path: str = "") -> str:
    with urlopen(f"{caller.admin_url}/{path}", timeout=20) as response:
        assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
        return str(response.read().decode())


def test_people_faults_and_refusals(caller: Caller) -> None:
    sent = Document()
    assert caller.deposit(Lot((sent,))).success
    caller.exists(algorithm="sha1")
    caller.fault("busy", endpoint="registry", transaction="3.1a", times=2)
    whole = page(caller)
    assert "CLEMENT Aline Rose" in whole and "12/01/1990" in whole and "fermé" in whole
    assert "busy" in whole and "registry" in whole and "0 sur 2" in whole
    assert f'href="/documents/{sent.unique_id}/page"' in whole
    refused = page(caller, "?refus=1")
    assert "sandbox:VihfSignature" in refused and "acceptée" not in refused and "acceptée" in whole
    assert "290019999900113" not in whole + refused


def test_a_document_with_its_metadata(caller: Caller) -> None:
    sent = Document(confidentiality=("N", "MASQUE_PS"))
    assert caller.deposit(Lot((sent,))).success
    shown = page(caller, f"documents/{sent.unique_id}/page")
    assert "Métadonnées (ExtrinsicObject)" in shown and "MASQUE_PS" in shown and "Actif" in shown
    assert "Corps non structuré (application/pdf)" in shown and f'href="/documents/{sent.unique_id}/bytes"' in shown
    assert "290019999900113" not in shown


def test_an_unknown_document_has_no_page(caller: Caller) -> None:
    with pytest.raises(OSError, match="404"):
        page(caller, "documents/1.2.3/page")


def test_the_narrative_is_only_words_and_tables() -> None:
    table = "<table><tbody><tr><td>3 250 g</td></tr></tbody></table>"
    said = narrative.html(document(section(HOSTILE + table, title="Mesures &amp; poids")))
    assert "<h3>Mesures &amp; poids</h3><p>Bonjour alert(1)<span>ici</span> &lt;b&gt;</p>" in said
    assert "<td>3 250 g</td>" in said and "onclick" not in said and "<script" not in said
    with pytest.raises(ValueError, match="Start tag"):
        narrative.html(b"rien")
