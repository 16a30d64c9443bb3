"""The DOCX template that is shipped, made here so that it can be read and changed as code."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

_RED = RGBColor(0xC0, 0x00, 0x00)
_BODY, _HEAD = "仿宋", "黑体"


@cache
def shipped() -> bytes:
    """Return the template: A4, letterhead in red, number, title, body, signature, QR code."""
    file = Document()
    _page(file)
    _text(file, "{%p if mark %}")
    _text(file, "{{ mark }}", size=10, centre=True)
    _text(file, "{%p endif %}")
    _text(file, "{{ letterhead }}", size=26, font=_HEAD, colour=_RED, centre=True, bold=True)
    _ruled(_text(file, "{{ number }}", size=14, centre=True))
    _text(file, "{{ title }}", size=20, font=_HEAD, centre=True)
    _text(file, "{%p if addressee %}")
    _text(file, "{{ addressee }}{% if language == 'zh' %}：{% else %}:{% endif %}")
    _text(file, "{%p endif %}")
    _each(file, "opening")
    _pairs(file)
    _text(file, "{%p for s in sections %}")
    _text(file, "{{ s.title }}", font=_HEAD)
    _text(file, "{%p for t in s.paragraphs %}")
    _text(file, "{{ t }}", indent=True)
    _text(file, "{%p endfor %}")
    _text(file, "{%p endfor %}")
    _rows(file)
    _each(file, "closing")
    _text(file, "{{ signed }}", right=True)
    _text(file, "{{ day }}", right=True)
    _boxes(file)
    _text(file, "{{ qr }}")
    _text(file, "{{ caption }}", size=8)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _page(file: Any) -> None:  # noqa: ANN401 - python-docx has no types of its own for this
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.top_margin, section.bottom_margin = Mm(30), Mm(28)
    style = file.styles["Normal"]
    style.font.size = Pt(14)
    _font(style.element.get_or_add_rPr(), _BODY)


def _text(
    file: Any, text: str, *, size: float = 14, font: str = _BODY, colour: Any = None,  # noqa: ANN401
    centre: bool = False, right: bool = False, bold: bool = False, indent: bool = False,
) -> Any:  # fmt: skip  # noqa: ANN401
    """Add a paragraph, or fill the first of a cell."""
    paragraph = file.add_paragraph()
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if colour is not None:
        run.font.color.rgb = colour
    _font(run._r.get_or_add_rPr(), font)
    layout = paragraph.paragraph_format
    layout.space_after = Pt(4)
    if indent:
        layout.first_line_indent = Pt(2 * size)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return paragraph


def _font(properties: Any, name: str) -> None:  # noqa: ANN401
    """Set the font for Chinese too, which has an entry of its own."""
    fonts = properties.get_or_add_rFonts()
    for what in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(what), name)


def _ruled(paragraph: Any) -> None:  # noqa: ANN401
    """Draw a red line below a paragraph."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "C00000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def _each(file: Any, name: str) -> None:  # noqa: ANN401
    _text(file, f"{{%p for t in {name} %}}")
    _text(file, "{{ t }}", indent=True)
    _text(file, "{%p endfor %}")


def _pairs(file: Any) -> None:  # noqa: ANN401
    table = file.add_table(rows=3, cols=2, style="Table Grid")
    table.autofit = False
    for row, (left, right) in zip(
        table.rows,
        (("{%tr for f in fields %}", ""), ("{{ f.label }}", "{{ f.value }}"),
         ("{%tr endfor %}", "")), strict=True,
    ):  # fmt: skip
        for cell, text, width in zip(row.cells, (left, right), (Mm(40), Mm(116)), strict=True):
            cell.width = width
            _fill(cell, text)
    _text(file, "")


def _rows(file: Any) -> None:  # noqa: ANN401
    """Add the table of a document, with as many columns as it has."""
    _text(file, "{%p if table.rows %}")
    _text(file, "{{ table.title }}", font=_HEAD)
    table = file.add_table(rows=4, cols=1, style="Table Grid")
    texts = (
        "{%tc for h in table.head %}{{ h }}{%tc endfor %}", "{%tr for r in table.rows %}",
        "{%tc for c in r %}{{ c }}{%tc endfor %}", "{%tr endfor %}",
    )  # fmt: skip
    for row, text in zip(table.rows, texts, strict=True):
        if "{%tc" in text:
            _cells(table, row, text)
        else:
            _fill(row.cells[0], text)
    _text(file, "{%p endif %}")


def _cells(table: Any, row: Any, text: str) -> None:  # noqa: ANN401
    """Make three cells of one: the loop begins in the first and ends in the last."""
    first, middle, last = text.partition("{{")[0], text[text.index("{{") : text.index("}}") + 2], (
        text[text.index("}}") + 2 :]
    )  # fmt: skip
    _fill(row.cells[0], first)
    for more in (middle, last):
        made = OxmlElement("w:tc")
        made.append(OxmlElement("w:p"))
        row._tr.append(made)
        row.cells[-1].paragraphs[0].add_run(more).font.size = Pt(10.5)


def _boxes(file: Any) -> None:  # noqa: ANN401
    table = file.add_table(rows=3, cols=2, style="Table Grid")
    texts = (("{%tr for b in boxes %}", ""), ("{{ b }}", ""), ("{%tr endfor %}", ""))
    for row, pair in zip(table.rows, texts, strict=True):
        for cell, text, width in zip(row.cells, pair, (Mm(56), Mm(100)), strict=True):
            cell.width = width
            _fill(cell, text)
    table.rows[1].height = Mm(18)
    _text(file, "")


def _fill(cell: Any, text: str) -> None:  # noqa: ANN401
    run = cell.paragraphs[0].add_run(text)
    run.font.size = Pt(12)
    _font(run._r.get_or_add_rPr(), _BODY)
