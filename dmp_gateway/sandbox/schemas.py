"""XSD validation with the published schemas, when their folder is given (--xsd-dir, XSD_DIR)."""

from __future__ import annotations

import threading
from pathlib import Path

from lxml import etree

from perinat.standards.xml import Element

XDS = "xds/XDS.b_DocumentRepository.xsd"
SAML = "saml/saml-assertion-2.0.xsd"


class Schemas:
    """Compiled schemas. lxml keeps the error log in the schema: one validation at a time for each."""

    def __init__(self, directory: Path | None) -> None:
        self._schemas: dict[str, tuple[etree.XMLSchema, threading.Lock]] = {}
        for name in (XDS, SAML):
            if directory is not None and (directory / name).is_file():
                self._schemas[name] = (self._compile(directory / name), threading.Lock())

    @staticmethod
    def _compile(path: Path) -> etree.XMLSchema:
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        return etree.XMLSchema(etree.parse(str(path), parser))

    @property
    def present(self) -> list[str]:
        return sorted(self._schemas)

    def fault(self, name: str, element: Element) -> str:
        """First schema error of `element`, empty when it is valid or when the schema is absent.

        Only the line and the kind of error are given: libxml2 repeats values of the document otherwise.
        """
        if name not in self._schemas:
            return ""
        schema, lock = self._schemas[name]
        with lock:
            if schema.validate(element):
                return ""
            error = schema.error_log[0]  # type: ignore[index]  # a list, which lxml-stubs do not know
            return f"ligne {error.line}, {error.type_name}"
