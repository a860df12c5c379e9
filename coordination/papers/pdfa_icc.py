"""PDF/A-1: the headers of ICC profiles (ISO 19005-1 §6.2.2, §6.2.3.2; ICC.1:1998-09, which PDF 1.4 names)."""

from __future__ import annotations

from pikepdf import Stream

from coordination.papers.objects import number_of, sub

OUTPUT_CLASSES = (b"prtr", b"mntr")
INPUT_CLASSES = (*OUTPUT_CLASSES, b"scnr", b"spac")
_SPACES = {b"RGB ": 3, b"CMYK": 4, b"GRAY": 1}
_MAX_MAJOR = 2
_HEADER = 128


def icc_components(profile: object, classes: tuple[bytes, ...]) -> int:
    """1, 3 or 4 for a profile of one of the `classes` whose /N is right; 0 for anything else."""
    if not isinstance(profile, Stream):
        return 0
    data = profile.read_bytes()
    if len(data) < _HEADER or data[36:40] != b"acsp" or data[8] > _MAX_MAJOR or data[12:16] not in classes:
        return 0
    if int.from_bytes(data[:4], "big") > len(data):
        return 0
    components = _SPACES.get(data[16:20], 3 if data[16:20] == b"Lab " and classes is INPUT_CLASSES else 0)
    return components if number_of(sub(profile, "/N")) == components else 0
