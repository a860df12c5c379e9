"""The text of a received CDA, as plain HTML: every word escaped, a closed list of tags, nothing that acts."""

from __future__ import annotations

from html import escape

from perinat.standards import oids, xml

_NS = {"h": oids.NS_HL7}
_TAGS = {
    "paragraph": "p", "list": "ul", "item": "li", "table": "table", "thead": "thead", "tbody": "tbody", "tr": "tr",
    "th": "th", "td": "td", "caption": "p", "content": "span", "br": "br",
}  # fmt: skip
_DEEPEST = 100  # a document nested beyond this is shown without its depths


def html(data: bytes) -> str:
    """Header facts are elsewhere: sections and their text, or what the body is when it has none. Raises XmlError."""
    root = xml.parse(data)
    body = root.find("h:component/h:nonXMLBody/h:text", _NS)
    if body is not None:
        kind = escape(body.get("mediaType", "inconnu"))
        return f"<p>Corps non structuré ({kind}), {len(body.text or '')} caractères en base 64.</p>"
    sections = root.iterfind("h:component/h:structuredBody//h:section", _NS)
    return "".join(_section(section) for section in sections) or "<p>Aucun texte à lire.</p>"


def _section(section: xml.Element) -> str:
    title = " ".join(section.findtext("h:title", "", _NS).split())
    text = section.find("h:text", _NS)
    return (f"<h3>{escape(title)}</h3>" if title else "") + (_inside(text, 0) if text is not None else "")


def _inside(element: xml.Element, depth: int) -> str:
    if depth > _DEEPEST:
        return ""
    parts = [escape(element.text or "")]
    for child in element:
        if isinstance(child.tag, str):
            tag = _TAGS.get(child.tag.rpartition("}")[2], "")
            inside = _inside(child, depth + 1)
            parts.append("<br>" if tag == "br" else f"<{tag}>{inside}</{tag}>" if tag else inside)
        parts.append(escape(child.tail or ""))
    return "".join(parts)
