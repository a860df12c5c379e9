"""The 30-second card: what a midwife wants to know before she rings, each value with the place it comes from.

    fields        what is looked for, about the mother and about each newborn
    values        one value found, as JSON for the cache
    keys          what two values have to share not to contradict each other
    labels        how letters name each value
    shown         the words of a value: numbers with their unit, dates, terms
    text          read_text(pages, …): the values of a PDF's text; a value only with its label beside it
    case          read_case(volet, body): the values of a structured document; one reader for each volet:
                  letter (LDL-SES), mothers (OBP-SAP, -SNM, -SCM), newborns (OBP-SNE, -SEM), certificates (CSE-CS8,
                  -MDE), with their pieces in parts and common
    merge         merged(found): the value to show, or that the documents contradict each other

Nothing is guessed: what is not next to its label, or fits two readings, is not a value. A newborn's values come from
her own documents; from her mother's only where these name the child and there is one child.
"""
