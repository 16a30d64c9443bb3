"""A report as a PDF: the same chapters and drawings, set by typst on A4.

The text travels as data, never as typst markup, so nothing in it can be taken for a command. The
font is the one of the package ``pylopdf-fonts-zh-cn``: the machine's own fonts are not looked at,
in the text or inside the drawings, and the same report gives the same bytes everywhere.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from lantian.reports.document import (
    Block,
    Document,
    Figures,
    Legend,
    Note,
    Pairs,
    Section,
    Stats,
    Table,
)
from lantian.reports.words import SUBSCRIPT


def typeset(doc: Document, made: datetime) -> bytes:
    """Return the PDF. ``made`` (with a zone) is the date the file carries."""
    template = (files("lantian.reports") / "templates" / "report.typ").read_bytes()
    compiler = typst.Compiler(
        template, font_paths=fonts(), sys_inputs={"doc": json.dumps(_document(doc))}
    )
    result = compiler.compile(format="pdf", timestamp=int(made.timestamp()))
    if not isinstance(result, bytes):
        raise TypeError(f"typst returned {type(result).__name__} for a PDF")
    return result


@cache
def fonts() -> typst.Fonts:
    """Return the fonts of everything that is set: those of the package, none of the machine."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
    )


def runs(text: str) -> list[dict[str, Any]]:
    """Split text into runs: ``t`` the words, ``s`` whether they are a subscript."""
    found, end = [], 0
    for match in SUBSCRIPT.finditer(text):
        found.append({"t": text[end : match.start(2)], "s": False})
        found.append({"t": match.group(2), "s": True})
        end = match.end()
    if end < len(text):
        found.append({"t": text[end:], "s": False})
    return found


def _document(doc: Document) -> dict[str, Any]:
    plain = dataclasses.replace(doc, sections=())
    return {**_dict(plain), "sections": [_section(s) for s in doc.sections]}


def _section(section: Section) -> dict[str, Any]:
    head = _dict(dataclasses.replace(section, blocks=()))
    return {**head, "blocks": [_block(b) for b in section.blocks if _printed(b)]}


def _printed(block: Block) -> bool:
    return not (isinstance(block, Table) and not block.paper)


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Table():
            return _table(block)
        case Stats() | Figures() | Legend() | Pairs() | Note():
            return {"kind": type(block).__name__, **_dict(block)}


def _table(table: Table) -> dict[str, Any]:
    """Return a table without the columns that are not for paper."""
    kept = [c.paper for c in table.columns]
    rows = []
    for row in table.rows:
        cells, at = [], 0
        for cell in row.cells:
            spanned = kept[at : at + cell.columns]
            at += cell.columns
            if any(spanned):
                cells.append(_dict(dataclasses.replace(cell, columns=sum(spanned))))
        rows.append({"cells": cells, "unranked": row.unranked})
    columns = [_dict(c) for c in table.columns if c.paper]
    return {
        "kind": "Table", "columns": columns, "rows": rows, "folded": _value(table.folded),
        "dense": table.dense,
    }  # fmt: skip


_WIDTH = re.compile(r' width="([0-9.]+)"')


def _drawn(svg: str) -> float:
    """Return the width of a drawing [px]; 0 of none."""
    match = _WIDTH.search(svg)
    return float(match.group(1)) if match else 0.0


def _dict(item: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass of the document
    found = {f.name: _value(getattr(item, f.name), f.name) for f in dataclasses.fields(item)}
    if "svg" in found:
        found["width"] = _drawn(found["svg"])
    return found


_PLAIN = frozenset({"svg", "paper", "id", "size", "tone", "language"})


def _value(value: Any, name: str = "") -> Any:  # noqa: ANN401 - whatever a document holds
    """Turn text into runs, except where it is a name or a drawing."""
    if dataclasses.is_dataclass(value):
        return _dict(value)
    if isinstance(value, tuple):
        return [_value(v) for v in value]
    if isinstance(value, str) and name not in _PLAIN:
        return runs(value)
    return value
