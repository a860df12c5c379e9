"""The narrative of a section → HTML that a page may print as it is.

Nothing of the input is copied: every tag is written here, from a closed list, and every word is escaped. Styles,
scripts, event handlers, images and outward links of the input have no way through. Only links inside the document
stay links. Tables keep their header cells, with a scope, and always have a caption.
"""

from __future__ import annotations

import html
import re

from coordination.cda.reading import nodes
from coordination.cda.reading.bodies import Attachment
from coordination.cda.reading.tables import Grid, read_grid
from coordination.cda.reading.texts import DROPPED, plain
from perinat.standards import xml

_BLOCKS = frozenset({"paragraph", "list", "table", "item", "thead", "tbody", "tfoot", "tr", "td", "th"})
_DROPPED = frozenset(
    [
        "script",
        "style",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "video",
        "audio",
        "link",
        "meta",
        "base",
        "head",
        "template",
        "noscript",
        "textarea",
        "select",
        "option",
        "img",
    ]
)
_STYLES = (("bold", "b"), ("italic", "i"), ("underline", "u"), ("emphasis", "em"))
_DISGUISES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # they turn the order of the words
_ADDRESS = re.compile(r"(https?://|mailto:|tel:)\S+", re.ASCII | re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n]+")  # no-break spaces are kept
_MEDIA = {"application/pdf": "document PDF", "text/plain": "texte", "text/rtf": "texte"}


class Narrator:
    """Writes the narratives of one document: anchors are unique over all its sections."""

    def __init__(self, root: xml.Element, attachments: tuple[Attachment, ...] = ()) -> None:
        self._media = {item.element_id: item for item in attachments if item.element_id}
        self._anchors: dict[str, str] = {}
        self._written: set[str] = set()
        self._captions: dict[str, int] = {}
        self._blocky: set[xml.Element] = set()
        for node in root.iter("{*}linkHtml", "{*}footnoteRef"):
            target = nodes.attribute(node, "href").removeprefix("#") or nodes.attribute(node, "IDREF")
            if nodes.attribute(node, "href").startswith("#") or node.get("IDREF"):
                self._anchors.setdefault(target, f"cda-{len(self._anchors) + 1}")
        self._known = {str(node.get("ID")) for node in root.iter("{*}*") if node.get("ID") in self._anchors}

    def html(self, text: xml.Element | None, *, title: str = "") -> str:
        """The narrative as HTML, empty when there is none. `title` names its tables that have no caption."""
        if text is None:
            return ""
        self._blocky = _holders_of_blocks(text)
        return self._blocks(text, title)

    def _blocks(self, node: xml.Element, title: str) -> str:
        """Loose words are put in paragraphs."""
        done: list[str] = []
        line: list[str] = [_escape(node.text)]
        for child in node:
            if self._is_block(child):
                done += [_paragraph(line), self._element(child, title)]
                line = []
            else:
                line.append(self._element(child, title))
            line.append(_escape(child.tail))
        return "".join([*done, _paragraph(line)])

    def _flow(self, node: xml.Element, title: str) -> str:
        inside = [_escape(node.text)]
        for child in node:
            inside += [self._element(child, title), _escape(child.tail)]
        return "".join(inside)

    def _is_block(self, node: xml.Element) -> bool:
        return nodes.name(node) in _BLOCKS or node in self._blocky

    def _element(self, node: xml.Element, title: str) -> str:
        kind = nodes.name(node)
        if not kind or kind in DROPPED:
            return ""
        if kind in ("table", "thead", "tbody", "tfoot", "tr", "td", "th"):
            return self._table(node, title)
        if kind == "list":
            return self._list(node, title)
        if kind == "br":
            return "<br>"
        if kind == "linkHtml":
            return self._link(node)
        if kind == "footnoteRef":
            return self._to(nodes.attribute(node, "IDREF"), "note")
        if kind == "renderMultiMedia":
            return self._multimedia(node)
        return self._words(node, kind, title)

    def _words(self, node: xml.Element, kind: str, title: str) -> str:
        """paragraph, content, caption, item, sub, sup, footnote; the words alone of anything else."""
        inside = self._flow(node, title)
        anchor = self._anchor(node)
        if node in self._blocky:
            return f"<div{anchor}>{inside}</div>"
        if kind in ("sub", "sup"):
            return f"<{kind}{anchor}>{inside}</{kind}>"
        if kind == "footnote":
            return f'<span{anchor} class="p-cda-note">[{inside}]</span>'
        if kind == "caption":
            return f'<span{anchor} class="p-cda-caption">{inside}</span> '
        inside = _styled(node, inside)
        if kind in ("paragraph", "item"):
            return f"<p{anchor}>{inside}</p>" if inside.strip() or anchor else ""
        if kind == "content" and node.get("revised") in ("delete", "insert"):
            tag = "del" if node.get("revised") == "delete" else "ins"
            return f"<{tag}{anchor}>{inside}</{tag}>"
        return f"<span{anchor}>{inside}</span>" if anchor else inside

    def _list(self, node: xml.Element, title: str) -> str:
        tag = "ol" if nodes.attribute(node, "listType") == "ordered" else "ul"
        before, items = [_escape(node.text)], []
        for child in node:
            if nodes.name(child) == "item":
                items.append(f"<li{self._anchor(child)}>{self._flow(child, title)}</li>")
            else:
                before.append(self._element(child, title))
            before.append(_escape(child.tail))
        loose = "".join(before)
        words = f"<div>{loose}</div>" if loose.strip() else ""
        return words + (f"<{tag}{self._anchor(node)}>{''.join(items)}</{tag}>" if items else "")

    def _table(self, node: xml.Element, title: str) -> str:
        """A table, or rows and cells that stand outside of one."""
        grid = read_grid(node)
        before = _paragraph([" ".join(_escape(words.strip()) for words in grid.loose)])
        rows = "".join(
            f"<{part}>{''.join(self._row(row, title) for row in group)}</{part}>" for part, group in grid.groups
        )
        if not rows:
            return before + ("" if grid.caption is None else _paragraph([_escape(plain(grid.caption))]))
        caption, own = self._caption(grid, title)
        hidden = "" if own else ' class="visually-hidden"'
        label = html.escape(caption)
        return (
            f'{before}<div class="p-cda-scroll" role="group" tabindex="0" aria-label="{label}">'
            f'<table class="p-cda-table"{self._anchor(node)}><caption{hidden}>{label}</caption>{rows}</table></div>'
        )

    def _row(self, row: tuple[tuple[xml.Element, str, int, int], ...], title: str) -> str:
        cells = []
        for cell, scope, columns, rows in row:
            tag = "th" if scope else "td"
            span = (f' colspan="{columns}"' if columns > 1 else "") + (f' rowspan="{rows}"' if rows > 1 else "")
            named = f' scope="{scope}"' if scope else ""
            inside = _styled(cell, self._flow(cell, title)) if cell not in self._blocky else self._flow(cell, title)
            cells.append(f"<{tag}{self._anchor(cell)}{named}{span}>{inside}</{tag}>")
        return f"<tr>{''.join(cells)}</tr>"

    def _caption(self, grid: Grid, title: str) -> tuple[str, bool]:
        """Its own caption, else the title of the section, numbered from the second table."""
        if grid.caption is not None and (words := _clean(plain(grid.caption))):
            return words, True
        title = _clean(title) or "Tableau"
        count = self._captions[title] = self._captions.get(title, 0) + 1
        return (title if count == 1 else f"{title}, tableau {count}"), False

    def _link(self, node: xml.Element) -> str:
        """A link stays one only inside the document; an outward one becomes its words."""
        words, address = _clean(plain(node)), nodes.attribute(node, "href")
        if address.startswith("#"):
            return self._to(address[1:], words or "voir", self._anchor(node))
        shown = words or (address if _ADDRESS.fullmatch(address) else "")
        anchor = self._anchor(node)
        return f"<span{anchor}>{html.escape(shown)}</span>" if anchor else html.escape(shown)

    def _to(self, target: str, words: str, anchor: str = "") -> str:
        if target not in self._known:
            return html.escape(words)
        return f'<a{anchor} href="#{self._anchors[target]}">{html.escape(words)}</a>'

    def _multimedia(self, node: xml.Element) -> str:
        caption = _clean(plain(node))
        found = [self._media[name] for name in nodes.attribute(node, "referencedObject").split() if name in self._media]
        kinds = [
            _MEDIA.get(item.media_type, "image" if item.media_type.startswith("image/") else "fichier")
            for item in found
        ]
        words = f"Pièce jointe : {', '.join(kinds)}" if kinds else "Pièce jointe absente du document"
        named = f"{words} ({caption})" if caption else words
        return f'<span{self._anchor(node)} class="p-cda-media">[{html.escape(named)}]</span>'

    def _anchor(self, node: xml.Element) -> str:
        """` id="…"` once, and only where a link of the document leads."""
        identifier = str(node.get("ID") or "")
        if identifier not in self._anchors or identifier in self._written:
            return ""
        self._written.add(identifier)
        return f' id="{self._anchors[identifier]}"'


def _holders_of_blocks(text: xml.Element) -> set[xml.Element]:
    """Elements that hold a block somewhere inside: they cannot be written as a paragraph or a span."""
    holders: set[xml.Element] = set()
    for node in text.iter("{*}*"):
        if nodes.name(node) in _BLOCKS and node is not text:
            for above in node.iterancestors():
                if above is text or above in holders:
                    break
                holders.add(above)
    return holders


def _kind(media_type: str) -> str:
    return "image" if media_type.startswith("image/") else _MEDIA.get(media_type, "fichier")


def _styled(node: xml.Element, inside: str) -> str:
    style = nodes.attribute(node, "styleCode").lower()
    for word, tag in _STYLES if inside.strip() else ():
        if word in style:
            inside = f"<{tag}>{inside}</{tag}>"
    return inside


def _paragraph(line: list[str]) -> str:
    words = "".join(line)
    return f"<p>{words}</p>" if words.strip() else ""


def _clean(words: str) -> str:
    return words.translate(_DISGUISES)


def _escape(words: str | None) -> str:
    return html.escape(_SPACES.sub(" ", _clean(words))) if words else ""
