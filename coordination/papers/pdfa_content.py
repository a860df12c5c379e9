"""PDF/A-1: what the drawing instructions do: colours, fonts shown, operators (ISO 19005-1 §6.2.3, §6.2.10, §6.3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from coordination.papers.objects import name_of, names_of, number_of, sub
from coordination.papers.pdfa_fonts import check_font
from coordination.papers.pdfa_icc import INPUT_CLASSES, icc_components
from coordination.papers.pdfa_pages import page_annotations
from coordination.papers.pdfa_report import Report

# PDF Reference 1.4, appendix A
_PDF_1_4 = (
    "b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re "
    "RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \""
)
_OPERATORS = frozenset(_PDF_1_4.split()) | {"INLINE IMAGE"}
_SHOW = {"Tj", "TJ", "'", '"'}
_COLOURS = {
    "g": "DeviceGray",
    "G": "DeviceGray",
    "rg": "DeviceRGB",
    "RG": "DeviceRGB",
    "k": "DeviceCMYK",
    "K": "DeviceCMYK",
}
_INLINE_NAMES = {"G": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK"}
_DEFAULTS = {"DeviceGray": "/DefaultGray", "DeviceRGB": "/DefaultRGB", "DeviceCMYK": "/DefaultCMYK"}
_COMPONENTS = {"DeviceRGB": 3, "DeviceCMYK": 4}
_INTENTS = {"RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation"}
_INVISIBLE_TEXT = 3
_MAX_FORM_DEPTH = 28
_MAX_NESTED_STATES = 28  # §6.1.12


@dataclass(frozen=True, slots=True)
class _TextState:
    font: object = None
    mode: int = 0


class _Walker:
    """Reads the content of one page and of all that it draws."""

    def __init__(self, components: int, page: int, report: Report, done: set[tuple[int, int]]) -> None:
        self.components = components
        self.page = page
        self.report = report
        self.done = done  # streams already read, over all pages

    def read(self, content: Object | pikepdf.Page, resources: object, state: _TextState, depth: int = 0) -> None:
        if depth > _MAX_FORM_DEPTH:
            self.report.add("LIMITS", self.page)
            return
        stack: list[_TextState] = []
        for instruction in pikepdf.parse_content_stream(content):
            operator = str(instruction.operator)
            operands = list(instruction.operands) if operator != "INLINE IMAGE" else []
            if operator == "q":
                stack.append(state)
                self.report.add_if(len(stack) > _MAX_NESTED_STATES, "LIMITS", self.page)
            elif operator == "Q":
                state = stack.pop() if stack else state
            elif operator == "Tf" and operands:
                state = replace(state, font=sub(sub(resources, "/Font"), str(operands[0])))
            elif operator == "Tr" and operands:
                state = replace(state, mode=int(number_of(operands[0]) or 0))
            elif operator in _SHOW:
                self._show(state, resources, depth)
            elif operator == "gs" and operands:
                state = self._graphics_state(operands[0], resources, state)
            elif operator == "Do" and operands:
                self._draw(sub(sub(resources, "/XObject"), str(operands[0])), resources, state, depth)
            elif operator == "INLINE IMAGE":
                self._inline_image(instruction, resources)
            else:
                self._other(operator, operands, resources, state, depth)

    def _other(
        self, operator: str, operands: Sequence[object], resources: object, state: _TextState, depth: int
    ) -> None:
        if operator in _COLOURS:
            self.colour(_COLOURS[operator], resources)
        elif operator in ("cs", "CS") and operands:
            self.space(_named_space(operands[0], resources), resources)
        elif operator in ("scn", "SCN") and operands and name_of(operands[-1]):
            self._pattern(sub(sub(resources, "/Pattern"), str(operands[-1])), resources, state, depth)
        elif operator == "sh" and operands:
            self.space(sub(sub(sub(resources, "/Shading"), str(operands[0])), "/ColorSpace"), resources)
        elif operator == "ri" and operands:
            self.report.add_if(name_of(operands[0]) not in _INTENTS, "RENDERING_INTENT", self.page)
        else:
            self.report.add_if(operator not in _OPERATORS, "OPERATOR", self.page)

    def _show(self, state: _TextState, resources: object, depth: int) -> None:
        if state.mode == _INVISIBLE_TEXT:
            return  # the text layer of a scan needs no font program (§6.3.4)
        if isinstance(state.font, Dictionary) and state.font.is_indirect:
            if state.font.objgen in self.done:
                return
            self.done.add(state.font.objgen)
        check_font(state.font, self.page, self.report)
        if name_of(sub(state.font, "/Subtype")) == "Type3":
            procedures = sub(state.font, "/CharProcs")
            own = sub(state.font, "/Resources") or resources
            for _, procedure in procedures.items() if isinstance(procedures, Dictionary) else ():
                self._once(procedure, own, state, depth)

    def _graphics_state(self, name: object, resources: object, state: _TextState) -> _TextState:
        font = sub(sub(sub(resources, "/ExtGState"), str(name)), "/Font")
        return replace(state, font=font[0]) if isinstance(font, Array) and len(font) == 2 else state

    def _draw(self, xobject: object, resources: object, state: _TextState, depth: int) -> None:
        kind = name_of(sub(xobject, "/Subtype"))
        if kind == "Form":
            self._once(xobject, sub(xobject, "/Resources") or resources, state, depth)
        elif kind == "Image" and not sub(xobject, "/ImageMask"):
            self.space(sub(xobject, "/ColorSpace"), resources)

    def _pattern(self, pattern: object, resources: object, state: _TextState, depth: int) -> None:
        if isinstance(pattern, Stream):
            self._once(pattern, sub(pattern, "/Resources") or resources, state, depth)
        else:
            self.space(sub(sub(pattern, "/Shading"), "/ColorSpace"), resources)

    def _once(self, stream: object, resources: object, state: _TextState, depth: int) -> None:
        """Read a form, a pattern or a glyph, unless it was read already (also stops self-reference)."""
        if isinstance(stream, Stream) and stream.objgen not in self.done:
            self.done.add(stream.objgen)
            self.read(stream, resources, state, depth + 1)

    def _inline_image(self, instruction: object, resources: object) -> None:
        entries = instruction.iimage.obj  # type: ignore[attr-defined]  # keys and names written in full
        self.report.add_if("LZWDecode" in names_of(sub(entries, "/Filter")), "LZW", self.page)
        self.report.add_if(bool(sub(entries, "/Interpolate")), "IMAGE", self.page)
        if not sub(entries, "/ImageMask"):
            space = sub(entries, "/ColorSpace")
            self.space(_named_space(space, resources) if name_of(space) else space, resources)

    def colour(self, device: str, resources: object) -> None:
        if sub(sub(resources, "/ColorSpace"), _DEFAULTS[device]) is not None:
            return
        wanted = _COMPONENTS.get(device)
        fits = self.components == wanted if wanted else self.components > 0
        self.report.add_if(not fits, "DEVICE_COLOUR", self.page)

    def space(self, space: object, resources: object, depth: int = 0) -> None:
        """Look for a device space in a colour space and in the spaces it is made of."""
        name = name_of(space)
        device = _INLINE_NAMES.get(name, name)
        if device in _DEFAULTS:
            self.colour(device, resources)
        if isinstance(space, Array) and len(space) > 1 and depth < _MAX_FORM_DEPTH:
            family = name_of(space[0])
            inner = {"Indexed": 1, "I": 1, "Pattern": 1, "Separation": 2, "DeviceN": 2}.get(family)
            if family == "ICCBased":
                self.report.add_if(icc_components(space[1], INPUT_CLASSES) == 0, "ICC_PROFILE", self.page)
            elif family in _DEFAULTS or family in _INLINE_NAMES:
                self.colour(_INLINE_NAMES.get(family, family), resources)
            elif inner is not None and len(space) > inner:
                self.space(space[inner], resources, depth + 1)


def _named_space(name: object, resources: object) -> object:
    return sub(sub(resources, "/ColorSpace"), str(name)) or name


def check_contents(pdf: pikepdf.Pdf, components: int, report: Report) -> None:
    """`components`: of the output intent's profile (0: none)."""
    done: set[tuple[int, int]] = set()
    for number, page in enumerate(pdf.pages, start=1):
        walker = _Walker(components, number, report, done)
        walker.read(page, sub(page.obj, "/Resources"), _TextState())
        for stream in _appearances(page_annotations(page)):
            walker._once(stream, sub(stream, "/Resources"), _TextState(), 0)


def _appearances(items: Iterable[Object]) -> Iterable[object]:
    for annotation in items:
        normal = sub(sub(annotation, "/AP"), "/N")
        if isinstance(normal, Dictionary) and not isinstance(normal, Stream):
            yield from (stream for _, stream in normal.items())
        else:
            yield normal
