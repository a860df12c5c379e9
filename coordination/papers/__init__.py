"""What perinat does with a deposited PDF before it becomes a document. Plain Python: no model, no Django.

    opening       is it a PDF we accept? (size, pages, password, scripts…)
    codes         the INS datamatrix of each page
    classify      which document it seems to be, whose, written by whom: proposals only
    splitting     two identities in one file: blocked, with the proposed cut
    pdfa          is it really PDF/A-1? our own reading of the file, never its claim alone
    convert       PDF/A-1b copy (Ghostscript when present, else page images)
    synthesis     a readable PDF/A-1b from structured content
    specimens     fictitious hospital papers for the demonstration and the tests

The core calls, from a task:

    analyse(data: bytes, *, limits: Limits, accept_production_ins: bool) -> Analysis      (reading.py)
    cut(data: bytes, ranges: Sequence[PageRange]) -> list[bytes]                          (splitting.py)
    to_pdf_a(data: bytes, *, policy: ConversionPolicy) -> Converted                       (convert.py)

`analyse` never raises on what the file holds: a file that cannot be read gives an `Analysis` whose
`refusal` says why, in French. `Analysis.as_json()` / `Analysis.from_json()` go through a JSON column.
"""
