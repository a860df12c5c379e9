"""All that a document says: `ReadDocument` for the header, and the rest beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coordination.cda.reading import nodes
from coordination.cda.reading.bodies import Attachment, read_attachments
from coordination.cda.reading.context import Context, read_context
from coordination.cda.reading.datatypes import Coded, Identifier, read_coded, read_identifiers
from coordination.cda.reading.facts import Fact, FactReader, subject_code, subject_of
from coordination.cda.reading.header import ReadDocument, read_header
from coordination.cda.reading.narrative import Narrator
from coordination.cda.reading.people import Party, read_parties
from coordination.cda.reading.safe import check_depth
from coordination.cda.reading.texts import Texts, plain
from perinat.standards import xml


@dataclass(frozen=True, slots=True)
class Section:
    """`number` runs over the whole document in reading order; `level` is 1 for those of the body.

    `html`: the narrative, safe to print as it is; `text`: its words in one line. `facts`: of this section only.
    """

    number: int
    level: int
    code: Coded | None
    title: str
    templates: tuple[Identifier, ...]
    ids: tuple[Identifier, ...]
    confidentiality: Coded | None
    subject: str
    authors: tuple[Party, ...]
    html: str
    text: str
    facts: tuple[Fact, ...]
    attachments: tuple[int, ...]
    sections: tuple[Section, ...]

    def walk(self) -> Iterator[Section]:
        """This section, then those inside it, in reading order."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """`header`: the quick reading of the same bytes; `context`: the rest of the header; `sections`: a tree."""

    header: ReadDocument
    context: Context
    sections: tuple[Section, ...]
    attachments: tuple[Attachment, ...]

    def walk(self) -> Iterator[Section]:
        """Every section in reading order."""
        for section in self.sections:
            yield from section.walk()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact of every section, in the order of their numbers."""
        return tuple(fact for section in self.walk() for fact in section.facts)

    @property
    def narrated(self) -> bool:
        """There is a narrative to show."""
        return any(section.html for section in self.walk())


def whole(root: xml.Element) -> WholeDocument:
    """Raises CdaReadError: elements nested too deep, or a PDF that is broken."""
    check_depth(root)
    header = read_header(root)
    attachments, holders = read_attachments(root)
    texts = Texts(root, holders)
    reader = _SectionReader(texts, Narrator(root, attachments))
    body = nodes.first(root, "h:component/h:structuredBody")
    return WholeDocument(
        header=header,
        context=read_context(root, texts),
        sections=reader.under(body, level=1, subject=""),
        attachments=attachments,
    )


class _SectionReader:
    def __init__(self, texts: Texts, narrator: Narrator) -> None:
        self._texts = texts
        self._narrator = narrator
        self._facts = FactReader(texts)
        self._count = 0

    def under(self, node: xml.Element | None, *, level: int, subject: str) -> tuple[Section, ...]:
        return tuple(self._section(item, level, subject) for item in nodes.every(node, "h:component/h:section"))

    def _section(self, node: xml.Element, level: int, subject: str) -> Section:
        self._count += 1
        number = self._count
        subject = subject_code(subject_of(node, self._texts)) or subject
        code = read_coded(nodes.first(node, "h:code"), self._texts)
        title = nodes.text(nodes.first(node, "h:title"))
        text = nodes.first(node, "h:text")
        return Section(
            number=number,
            level=level,
            code=code,
            title=title,
            templates=read_identifiers(node, "h:templateId"),
            ids=read_identifiers(node),
            confidentiality=read_coded(nodes.first(node, "h:confidentialityCode"), self._texts),
            subject=subject,
            authors=read_parties(node, "h:author", self._texts),
            html=self._narrator.html(text, title=title or (code.words if code else "")),
            text="" if text is None else plain(text),
            facts=self._facts.of_section(node, subject),
            attachments=tuple(self._attachments(node)),
            sections=self.under(node, level=level + 1, subject=subject),
        )

    def _attachments(self, section: xml.Element) -> Iterator[int]:
        """Numbers of the files held by this section itself, not by those inside it."""
        for entry in nodes.every(section, "h:entry"):
            for node in entry.iter("{*}value", "{*}text"):
                if node in self._texts.attachments:
                    yield self._texts.attachments[node]
