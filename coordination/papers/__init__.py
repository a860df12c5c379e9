"""What perinat does with a deposited PDF before it becomes a document. Plain Python: no model, no Django.

    opening       is it a PDF we accept? (size, pages, password, scripts…)
    codes         the INS datamatrix of each page
    classify      which document it seems to be, whose, written by whom: proposals only
    splitting     two identities in one file: blocked, with the proposed cut
    letter_check  does a discharge letter say all that it must? codes only
    pdfa          is it really PDF/A-1? our own reading of the file, never its claim alone
    convert       PDF/A-1b copy (Ghostscript when present, else page images)
    synthesis     a readable PDF/A-1b from structured content
    specimens     fictitious hospital papers for the demonstration and the tests

The core calls, from a task:

    apart.analyse_apart(data, *, limits: Limits, accept_production_ins: bool) -> Analysis
    splitting.cut(data, ranges: Sequence[PageRange]) -> list[bytes]                each part is analysed anew
    opening.open_paper(data, *, limits) -> Paper, then
    apart.to_pdf_a_apart(paper, *, qr_prescription: bool, policy: ConversionPolicy) -> Converted
    synthesis.render(title, sections, *, written_at, issuer, patient, …) -> bytes

`analyse` never raises on what the file holds: a file that cannot be read gives an `Analysis` whose
`refusal` says why, in French. `Analysis.as_json()` / `Analysis.from_json()` go through a JSON column.
`apart` runs `reading.analyse` and `convert.to_pdf_a` in a child process; the plain functions are the
same work in this one.
"""
