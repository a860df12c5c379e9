"""The white list of domains."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coordination.ports import PermanentChannelError
from mssante import trust_space
from perinat.standards import xml


def listing(*names: str) -> bytes:
    rows = "".join(f"<Domaine><Nom>{name}</Nom></Domaine>" for name in names)
    return f'<ListeBlanche xmlns="{trust_space.NAMESPACE}"><Domaines>{rows}</Domaines></ListeBlanche>'.encode()


def test_domains_are_compared_whatever_the_case_and_the_alphabet() -> None:
    space = trust_space.parse(listing("Hopital.mssante.fr", "maternité.mssante.fr"))
    assert space.holds("a@HOPITAL.mssante.fr")
    assert space.holds("a@xn--maternit-i1a.mssante.fr")
    assert not space.holds("a@sous.hopital.mssante.fr")
    assert not space.holds("a@hopital.mssante.fr.example")


@pytest.mark.parametrize(
    "data", [b"", b"<x/>", listing(), b'<!DOCTYPE x><x xmlns="https://listeblanche.mssante.fr/schema"/>']
)
def test_a_list_without_any_domain_is_no_list(data: bytes) -> None:
    with pytest.raises(xml.XmlError):
        trust_space.parse(data)


def test_a_new_list_is_read_without_restart(tmp_path: Path) -> None:
    path = tmp_path / "liste.xml"
    path.write_bytes(listing("a.mssante.fr"))
    trust_space.check("x@a.mssante.fr", path)
    path.write_bytes(listing("b.mssante.fr"))
    os.utime(path, ns=(1, 1))
    with pytest.raises(PermanentChannelError):
        trust_space.check("x@a.mssante.fr", path)
