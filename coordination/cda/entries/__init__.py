"""The national entry templates (« FR-… » of the CI-SIS content modules) as pieces of a tree.

One function per template; the templateIds of each stand beside it, in the order of the official
examples. A volet composes them (`coordination.cda.volets`).
"""
