"""A file of stays: all or nothing by default, every faulty line told with its number."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coordination.models import Newborn, Stay
from tests.coordination import world

HEAD = (
    "sejour;ipp;nom;prenoms;naissance;entree;accouchement;mode;enfant_ipp;enfant_prenoms;enfant_sexe;enfant_naissance"
)
MOTHER = "S1;M1;Hêtre;Julie;01/12/1992;14/03/2026 04:10;14/03/2026 10:00;VOIE_BASSE;"
GOOD = MOTHER + "E1;Adam;M;14/03/2026 10:00"
TWIN = MOTHER + "E2;Anna;F;14/03/2026 10:07"


def run(tmp_path: Path, *lines: str, encoding: str = "utf-8", **options: object) -> tuple[str, str]:
    file = tmp_path / "sejours.csv"
    file.write_bytes("\n".join([HEAD, *lines]).encode(encoding))
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_stays", str(file), site="997800115", user="secretaire", stdout=out, stderr=err, **options)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_good_file_is_recorded_twins_together(ward: world.Ward, tmp_path: Path, encoding: str) -> None:
    out, err = run(tmp_path, GOOD, TWIN, encoding=encoding)
    assert err == "" and "1 séjour(s) enregistré(s)" in out
    assert [n.rank for n in Newborn.objects.filter(stay=Stay.objects.get(number="S1"))] == [1, 2]


def test_one_fault_keeps_nothing_and_is_told_with_its_line(ward: world.Ward, tmp_path: Path) -> None:
    bad = "S2;;Orme;Zoé;32/01/1990;14/03/2026 04:10;;VOIE;;;;"
    _, err = run(tmp_path, GOOD, bad)
    assert not Stay.objects.exists()
    for sentence in ("Ligne 3 : « ipp » est vide.", "Ligne 3 : « naissance » : date attendue", "Ligne 3 : « mode »"):
        assert sentence in err


def test_what_the_service_refuses_undoes_the_file_too(ward: world.Ward, tmp_path: Path) -> None:
    early = "S2;M2;Orme;Zoé;01/01/1990;14/03/2026 04:10;13/03/2026 04:00;VOIE_BASSE;;;;"
    _, err = run(tmp_path, GOOD, early)
    assert "Ligne 3 : La naissance précède l'entrée." in err
    assert not Stay.objects.exists()


def test_partial_keeps_the_good_stays(ward: world.Ward, tmp_path: Path) -> None:
    out, err = run(tmp_path, GOOD, "S2;;Orme;Zoé;01/01/1990;14/03/2026 04:10;;;;;;", partial=True)
    assert "1 séjour(s) enregistré(s), 1 problème(s)" in out and "Ligne 3" in err
    assert Stay.objects.get().number == "S1"


def test_a_second_line_with_another_mother_is_not_a_twin(ward: world.Ward, tmp_path: Path) -> None:
    _, err = run(tmp_path, GOOD, TWIN.replace("Hêtre", "Orme"))
    assert "Ligne 3 : le séjour est déjà à la ligne 2, avec une autre mère." in err
    assert not Stay.objects.exists()


def test_an_account_of_another_place_is_refused(ward: world.Ward, tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(f"{HEAD}\n{GOOD}")
    with pytest.raises(CommandError, match="n'y travaille pas"):
        call_command("import_stays", str(file), site="997800115", user="sagefemme")


@pytest.mark.parametrize(("data", "sentence"), [(b"\xff\xfe", "UTF-8"), (b"nom;prenoms\nA;B\n", "colonnes manquantes")])
def test_a_file_that_is_not_one_is_told(ward: world.Ward, tmp_path: Path, data: bytes, sentence: str) -> None:
    file = tmp_path / "s.csv"
    file.write_bytes(data)
    err = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_stays", str(file), site="997800115", user="secretaire", stderr=err)
    assert sentence in str(caught.value) + err.getvalue()
