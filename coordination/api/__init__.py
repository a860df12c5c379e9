"""A thin read API: the same rows as the pages, for the same people, as JSON.

    base.py         roles, methods and headers of every address
    errors.py       every refusal as {"erreurs": {…}}
    parameters.py   the query string of each list, checked, with French sentences
    paging.py       bounded pages
    answers.py      the fields of each answer, named one by one
    stays.py documents.py shipments.py indicators.py schema.py   the addresses

Rows come from `.visible_to(request.user)` (models/visibility.py). Nothing here writes but the audit.
"""
