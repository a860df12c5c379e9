"""`make bench`: what perinat costs, beside the plainest program that does the same (docs/adr/0013).

No file here is collected by `make test`; the verdicts themselves are tested in tests/bench.
"""
