"""Our own type of import contract refuses by default: seen failing, and seen passing."""

from __future__ import annotations

from grimp import ImportGraph

from scripts.import_contracts import OnlyContract


def refused(*imports: tuple[str, str]) -> list[tuple[str, str]]:
    """What the contract of a sandbox says of these imports."""
    graph = ImportGraph()
    for module in ("gate", "gate.client", "gate.sandbox", "gate.sandbox.rules", "norms", "norms.oids", "norms.ids"):
        graph.add_module(module)
    graph.add_module("lxml", is_squashed=True)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported, line_number=3, line_contents="import")
    contract = OnlyContract(
        name="alone",
        session_options={"root_packages": ["gate", "norms"]},
        contract_options={"modules": ["gate.sandbox"], "allowed": ["norms.oids"]},
    )
    check = contract.check(graph, verbose=False)
    assert check.kept is (not check.metadata["broken"])
    return [(item["importer"], item["imported"]) for item in check.metadata["broken"]]


def test_itself_what_is_listed_and_outside_packages_are_allowed() -> None:
    assert refused(("gate.sandbox", "gate.sandbox.rules"), ("gate.sandbox.rules", "norms.oids")) == []
    assert refused(("gate.sandbox.rules", "lxml")) == []


def test_anything_else_of_the_product_is_refused() -> None:
    assert refused(("gate.sandbox.rules", "gate.client")) == [("gate.sandbox.rules", "gate.client")]
    assert refused(("gate.sandbox", "norms.ids")) == [("gate.sandbox", "norms.ids")]
    assert refused(("gate.client", "norms.ids")) == []  # the client is the business of another contract
