"""OBP-SNM and OBP-SNE: what their rules refuse, what they keep apart, and the official examples read whole."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from coordination.cda import case
from coordination.cda.spec.kinds import Words
from coordination.cda.spec.nodes import Branch, Leaf, Member
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import case_problems
from coordination.cda.volets.obp_sne import OBP_SNE
from coordination.cda.volets.obp_snm import OBP_SNM
from coordination.cda.volets.read import body_of
from perinat.standards import xml
from tests.conformance.cases.obp_sne import CASES as SNE
from tests.conformance.cases.obp_snm import CASES as SNM

EXAMPLES = Path(__file__).resolve().parents[5] / "shared" / "ans" / "examples"
needs_examples = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="official examples absent (../shared/ans/examples)")


def _problems(name: str, given: dict[str, Any], *path: str, **changes: Any) -> list[str]:
    """Problems of the case once these members of the body are set; None removes one."""
    changed = copy.deepcopy(given)
    node = changed["body"]
    for step in path:
        node = node[step]
    for member, value in changes.items():
        node.update({member: value})
        if value is None:
            del node[member]
    return [str(problem) for problem in case.check(VOLETS[name], changed)]


def test_the_state_of_the_perineum_is_asked_for() -> None:
    assert _problems("OBP-SNM", SNM["minimal"], "labour", "events", perineum=None) == [
        "body.labour.events.perineum : « État du périnée » est obligatoire"
    ]


def test_a_reason_of_induction_goes_with_an_induction() -> None:
    acts = SNM["maximal"]["body"]["labour"]["acts"]
    assert _problems("OBP-SNM", SNM["maximal"]) == []
    [found] = _problems("OBP-SNM", SNM["minimal"], "labour", "acts", induction_reason=acts["induction_reason"])
    assert found.startswith("body.labour.acts.induction_reason : ")


def test_a_tear_is_not_a_pathology_of_labour() -> None:
    tear = {"problem": {"code": "O70.2", "label": "Déchirure obstétricale du périnée, du troisième degré"}}
    [found] = _problems("OBP-SNM", SNM["minimal"], "labour", "events", labour_pathologies=[tear])
    assert found.startswith("body.labour.events.labour_pathologies[0].problem : ")


@pytest.mark.parametrize(
    ("name", "given", "path"), [("OBP-SNM", SNM, ("labour", "events")), ("OBP-SNE", SNE, ("events",))]
)
def test_a_destination_goes_with_a_transfer(name: str, given: dict[str, Any], path: tuple[str, ...]) -> None:
    [found] = _problems(name, given["minimal"], *path, destination={"name": "Hôpital de l'Aulne"})
    assert found.endswith("destination : une destination n'accompagne qu'un transfert")


def test_a_living_child_has_no_circumstances_of_death() -> None:
    [found] = _problems("OBP-SNE", SNE["minimal"], "labour", "events", death_circumstances="44174001")
    assert found.startswith("body.labour.events.death_circumstances : ")


def test_scores_and_gases_out_of_their_range_are_refused() -> None:
    measures = ("newborn", "exam", "vital_signs", "measures")
    assert _problems("OBP-SNE", SNE["normal"], *measures, apgar_5=11)
    assert _problems("OBP-SNE", SNE["normal"], "laboratory", "cord_blood", arterial_ph=728)
    assert _problems("OBP-SNE", SNE["normal"], "labour", "events", gestational_age=392)


def test_acts_on_the_newborn_go_with_its_examination() -> None:
    [found] = _problems("OBP-SNE", SNE["normal"], "newborn", exam=None)
    assert found == "body.newborn.exam : « Examen physique du nouveau-né » est obligatoire"


def _leaves(member: Member, path: str) -> list[tuple[str, Leaf]]:
    here = f"{path}.{member.name}".strip(".")
    if isinstance(member, Branch):
        return [found for inner in member.members for found in _leaves(inner, here)]
    return [(here, member)]


def _free_texts(members: tuple[Member, ...]) -> set[str]:
    leaves = [found for member in members for found in _leaves(member, "")]
    return {path for path, leaf in leaves if leaf.kind is None or isinstance(leaf.kind, Words)}


def test_the_newborn_s_volet_holds_no_free_text_but_the_name_of_the_place() -> None:
    assert _free_texts(OBP_SNE.members) == {"events.destination.name"}
    assert "labour.acts.labour_onset.comment" in _free_texts(OBP_SNM.members)  # the mother's own may


@needs_examples
def test_the_official_example_of_the_mother_is_read_whole() -> None:
    read = body_of(xml.parse((EXAMPLES / "OBP-SNM_2024.01.xml").read_bytes()))
    assert read is not None and read[0] is OBP_SNM
    body = read[1]
    acts, events = body["labour"]["acts"], body["labour"]["events"]
    assert list(body) == ["labour", "requests", "attached_documents", "referenced_documents", "status"]
    assert set(acts) == {item.name for item in OBP_SNM.sections[0].children[0].children}  # type: ignore[union-attr]
    assert set(events) == {item.name for item in OBP_SNM.sections[0].children[1].children}  # type: ignore[union-attr]
    assert acts["labour_onset"] == {"mode": "11466000", "date": "2023-04-25", "comment": "(texte libre)"}
    assert (events["perineum"], events["gestational_age"], events["children_born"]) == ("O70.0", 20, 1)
    assert events["destination"]["address"] == {
        "line": "142 Rue Belvédère",
        "postal_code": "92100",
        "city": "Boulogne-Billancourt",
    }
    assert body["attached_documents"]["documents"][0]["content"].startswith("JVBERi")
    missing = [str(problem) for problem in case_problems(OBP_SNM, body, on=date(2026, 11, 20))]
    assert missing == [
        "body.labour.acts.induction_reason : le travail n'a pas été déclenché : aucun motif n'est attendu"
    ]


@needs_examples
def test_the_official_example_of_the_newborn_is_read_whole() -> None:
    read = body_of(xml.parse((EXAMPLES / "OBP-SNE_2024.01.xml").read_bytes()))
    assert read is not None and read[0] is OBP_SNE
    body = read[1]
    assert body["labour"]["acts"]["birth"] == {
        "mode": "700000006",
        "date": "2023-04-25",
        "interventions": ["61586001"],
        "reasons": [{"code": "O63.9", "label": "Travail prolongé, sans précision"}],
        "report": "1.2.250.1.213.1.1.9^A7102400008_630",
    }
    assert body["labour"]["events"]["birth_rank"] == {"rank": 1, "born_at": "2023-04-25"}
    assert body["newborn"]["exam"]["ent"] == {"choanal_atresia": False}
    assert body["newborn"]["exam"]["general"] == {"urine": True, "meconium": True}
    assert body["newborn"]["acts"]["resuscitation"] == [{"gesture": "83099006", "date": "2023-04-25"}]
    assert body["laboratory"]["cord_blood"] == {"arterial_ph": 7, "venous_ph": 7, "lactate": 1.5}
    assert body["events"]["exit"]["mode"] == "107724000" and body["events"]["destination"]["unit"] == "ORG-141"
