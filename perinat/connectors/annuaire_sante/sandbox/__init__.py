"""« Annuaire Santé de bac à sable »: a strict FHIR directory for development and tests. Fictitious people only."""
