"""A volet written down once, read five ways.

A volet of the national norm is a tree of `nodes`: elements as they stand in the XML, with named
slots where a value goes. From that one tree come the XML (`writing`), the values read back from an
XML (`reading`), the JSON Schema of a case (`schema`), the problems of a case (`checking`), and the
narrative a person reads (inside `writing`). See ADR 0014.
"""
