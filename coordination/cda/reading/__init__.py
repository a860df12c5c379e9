"""What a CDA R2 says, read into values. The public entry is `coordination.cda.reader`.

nodes, datatypes, times, people: the pieces; header: the quick reading of the hot paths; patient, context, narrative,
facts, sections, bodies: the rest; document: all of it; as_json, summary: how it is told.
"""
