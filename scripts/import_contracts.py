"""A contract type for import-linter: certain packages see only an explicit list, and nothing else of the product.

import-linter's own `forbidden` lists what may not be imported, so that a new module is allowed by default;
here a new module is refused by default.
"""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain import helpers


class OnlyContract(Contract):
    """`modules` (packages, each with what is under it) import only `allowed`, and themselves."""

    type_name = "only"

    modules = fields.ListField(subfield=fields.ModuleExpressionField())
    allowed = fields.ListField(subfield=fields.ModuleExpressionField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        packages = helpers.module_expressions_to_modules(graph, self.modules, as_packages=False)  # type: ignore[arg-type]
        allowed = helpers.module_expressions_to_modules(graph, self.allowed, as_packages=True)  # type: ignore[arg-type]
        permitted = {module.name for module in allowed}
        broken: list[dict[str, Any]] = []
        for package in sorted(module.name for module in packages):
            own = {package, *graph.find_descendants(package)}
            for importer in sorted(own):
                for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                    # A module outside the product (lxml, django…) is the business of other contracts.
                    if imported in own or imported in permitted or graph.is_module_squashed(imported):
                        continue
                    details = graph.get_import_details(importer=importer, imported=imported)
                    lines = sorted({int(detail["line_number"]) for detail in details})
                    broken.append({"importer": importer, "imported": imported, "lines": lines})
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for item in check.metadata["broken"]:
            lines = ", ".join(f"l.{number}" for number in item["lines"])
            output.print_error(f"{item['importer']} may not import {item['imported']} ({lines})", bold=False)
