"""P8, P9 and P12 of a PDF in a CDA: one thread, both sides in turn, medians of blocks."""

from __future__ import annotations

import base64
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings

from coordination import blobs
from coordination.cda import builder
from coordination.models import Document, Shipment
from coordination.ports import Parcel
from coordination.selectors import contents, parcels
from dmp_gateway import conf, vihf
from perinat.standards import cda_rules, pki
from tests.load import world
from tests.load.goals import Result, Rounds, goal

BLOCK = 40  # calls timed together
CHECKS = 10
JAVA_MS = 160.0  # Java Saxon, warm, one document: performance notes §2


def compare(product: Callable[[], object], floor: Callable[[], object], *, rounds: int) -> Rounds:
    """Milliseconds of one call on each side, in alternate blocks."""
    mine, theirs = alternate((product, floor), rounds=rounds, clock=time.perf_counter)
    return Rounds(mine, theirs)


def alternate(
    acts: Sequence[Callable[[], object]], *, rounds: int, clock: Callable[[], float], block: int = BLOCK
) -> list[list[float]]:
    """Milliseconds of one call of each act, one figure a block, the blocks one after the other."""
    for act in acts:
        _block(act, clock, block)
    turns = [[_block(act, clock, block) for act in acts] for _ in range(rounds * 3)]
    return [list(times) for times in zip(*turns, strict=True)]


def _block(act: Callable[[], object], clock: Callable[[], float], block: int) -> float:
    times = []
    for _ in range(block):
        began = clock()
        act()
        times.append(clock() - began)
    return statistics.median(times) * 1e3


def assertion(paper: Document, *, rounds: int) -> Rounds:
    """P8: VIHF built and signed, beside the bare RSA-2048 signature of as many bytes as its SignedInfo has."""
    shipment, config = Shipment.objects.get(versions__document=paper, channel="dmp"), conf.load()
    files = config.structure(shipment.organisation.legal_struct_idnat)
    pair = pki.load(files.sign_pem, files.sign_key)
    parcel = _parcel(shipment)
    ins = parcel.patient.ins
    assert ins is not None and pair.key.key_size == 2048
    return compare(
        lambda: vihf.build(parcel, ins, pair, config, now=datetime.now(UTC)),
        lambda: pair.key.sign(b"x" * 900, padding.PKCS1v15(), hashes.SHA256()),
        rounds=rounds,
    )


def _parcel(shipment: Shipment) -> Parcel:
    return parcels.parcel(shipment, parcels.load(shipment))


def cda(paper: Document, *, rounds: int) -> Rounds:
    """P9: an N1 CDA from its frozen content, beside base64 between two ready pieces."""
    version, data = paper.current_version, world.pdf()
    assert version.sealed_at is not None
    now = version.sealed_at
    content = contents.frozen_content(version, pdf=data)
    made = builder.build(content, unique_id=version.unique_id, now=now)
    head, _, tail = made.partition(base64.b64encode(data))
    return compare(
        lambda: builder.build(content, unique_id=version.unique_id, now=now),
        lambda: b"".join((head, base64.b64encode(data), tail)),
        rounds=rounds,
    )


def validation(paper: Document, *, rounds: int) -> Result:
    """P12: one warm check by the national rules, or by our own when there is no pack."""
    pack = Path(settings.ANS_PACK) if settings.ANS_PACK else None
    sealed = paper.current_version.cda
    assert sealed is not None
    cda_bytes = blobs.read(sealed)

    def check() -> None:
        if cda_rules.before_leaving(cda_bytes, pack=pack):
            raise RuntimeError("the document of the benchmark breaks the rules")

    return checked("P12", check, rounds=rounds, words={"rules": "national" if pack else "own"})


def checked(name: str, check: Callable[[], object], *, rounds: int, words: Mapping[str, str]) -> Result:
    """The best of the rounds, in CPU: what else runs on the machine is not the rules' doing."""
    (times,) = alternate((check,), rounds=rounds, clock=time.process_time, block=CHECKS)
    spent = min(times)
    return Result(goal(name), spent / JAVA_MS, {"cpu_ms": f"{spent:.1f}", "notes_java_ms": f"{JAVA_MS:g}", **words})
