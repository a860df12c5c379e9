"""Journeys in a real browser: given, when, then; clicks counted; each page read by axe."""
