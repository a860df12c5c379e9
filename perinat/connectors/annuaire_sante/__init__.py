"""Annuaire Santé: client of the national FHIR directory (API v2), read only. See docs/interop/annuaire.md."""
