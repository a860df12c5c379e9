"""Does a discharge letter say all that it must? Legal content (CSP R.1112-1-2) and quality criteria (HAS, QLS).

    criteria      the criteria, as one dated and sourced table
    report        met, missing, or cannot be told, and where it was seen: codes only, never the words of the letter
    letter        the lines and the sections of a letter's text
    statements    « is this subject told? »: negations, labels, boxes, empty fields
    rules         one rule for each criterion: subjects, handing, care, treatments, story
    text          check_text(pages): the text of a PDF
    case          check_case(body): a structured letter (LDL-SES), from its case

It warns the ward before the letter leaves. It never says that the letter is good: it says what it did not find.
"""
