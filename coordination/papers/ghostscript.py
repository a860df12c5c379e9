"""PDF/A-1b by Ghostscript, when it is installed: text stays text, transparency is flattened.

Run in its own process with -dSAFER (no file but ours, no command), a bounded time, a bounded
memory, in a directory that disappears. Options: Ghostscript documentation, « VectorDevices »,
PDF/A section: a definition file names the output intent and its ICC profile.
"""

from __future__ import annotations

import functools
import io
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

import pikepdf

from coordination.papers.page_images import EPOCH, TEMPLATE
from coordination.papers.synthesis import compile_pdf_a

MAX_MEMORY_BYTES = 2_000_000_000
_DEFINITION = """%!
/ICCProfile (profile.icc) def
[/_objdef {icc_PDFA} /type /stream /OBJ pdfmark
[{icc_PDFA} << /N 3 >> /PUT pdfmark
[{icc_PDFA} ICCProfile (r) file /PUT pdfmark
[/_objdef {OutputIntent_PDFA} /type /dict /OBJ pdfmark
[{OutputIntent_PDFA} << /Type /OutputIntent /S /GTS_PDFA1 /DestOutputProfile {icc_PDFA}
   /OutputConditionIdentifier (sRGB) /Info (sRGB) >> /PUT pdfmark
[{Catalog} << /OutputIntents [ {OutputIntent_PDFA} ] >> /PUT pdfmark
"""


def to_pdf_a(data: bytes, *, seconds: float, page_count: int) -> bytes | None:
    """The converted bytes; None when Ghostscript is absent, fails, is too slow or loses a page."""
    program = shutil.which("gs")
    if program is None:
        return None
    try:
        source = _normalised(data)
    except pikepdf.PdfError:
        return None
    with tempfile.TemporaryDirectory(prefix="perinat-gs-") as folder:
        for name, content in (("in.pdf", source), ("profile.icc", srgb_profile()), ("define.ps", _DEFINITION.encode())):
            (Path(folder) / name).write_bytes(content)
        try:
            _run([program, *_ARGUMENTS, "define.ps", "in.pdf"], folder, seconds)
            made = (Path(folder) / "out.pdf").read_bytes()
        except (subprocess.SubprocessError, OSError):
            return None
    return made if _page_count(made) == page_count else None


_ARGUMENTS = (
    "-dSAFER",
    "-dBATCH",
    "-dNOPAUSE",
    "-dNOPROMPT",
    "-dQUIET",
    "-dPDFA=1",
    "-dPDFACompatibilityPolicy=2",  # fail rather than write a file that does not conform
    "-sDEVICE=pdfwrite",
    "-dCompatibilityLevel=1.4",
    "-sColorConversionStrategy=RGB",
    "-dPreserveAnnots=false",
    "-dAutoRotatePages=/None",
    "--permit-file-read=profile.icc",
    "-sOutputFile=out.pdf",
)


def _run(command: list[str], folder: str, seconds: float) -> None:
    """Raises subprocess.SubprocessError when the program fails or is too slow; its output is not kept."""
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": folder}
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=silent, stdout=silent, stderr=silent) as process:
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    if code != 0:
        raise subprocess.CalledProcessError(code, command[0])


def _normalised(data: bytes) -> bytes:
    """The same document as qpdf writes it: nothing before the header, so that it can only be read as PDF."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        output = io.BytesIO()
        pdf.save(output, encryption=False)
        return output.getvalue()


def _page_count(data: bytes) -> int:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return len(pdf.pages)
    except pikepdf.PdfError:
        return 0


@functools.cache
def srgb_profile() -> bytes:
    """The sRGB profile (ICC 2.1) that typst writes in its own PDF/A files: no profile of ours to keep."""
    with pikepdf.open(io.BytesIO(compile_pdf_a(TEMPLATE, {"title": "", "pages": []}, EPOCH))) as pdf:
        return bytes(pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes())
