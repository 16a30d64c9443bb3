"""Elements of a drawing as text: escaped, with short and repeatable numbers."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lantian.reports.charts.palette import INK_2
from lantian.reports.words import SUBSCRIPT

FONT = "Noto Sans SC"
SIZE = 13  # px; a tile shown on a phone is scaled by 0.93, which leaves 12


def short(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def element(name: str, *content: str, **attributes: str | float | None) -> str:
    """Return an element; ``_`` in attribute names becomes ``-``. ``content`` must be SVG."""
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(content)
    return f"<{name}{pairs}>{inner}</{name}>" if inner else f"<{name}{pairs}/>"


def _attribute(value: str | float) -> str:
    return escape(value, quote=True) if isinstance(value, str) else short(value)


def text(x: float, y: float, words: str, **attributes: str | float | None) -> str:
    """Return a text at its baseline, with the subscripts of formulas."""
    chosen = {"fill": INK_2, **attributes}
    return element("text", formula(words), x=x, y=y, **chosen)


def formula(words: str) -> str:
    """Escape plain text and lower the digits of PM2.5, SO2 and the like."""
    parts, end, lowered = [], 0, False
    for match in SUBSCRIPT.finditer(words):
        parts.append(_raised(words[end : match.start(2)], lowered))
        parts.append(f'<tspan font-size="10" dy="3">{match.group(2)}</tspan>')
        end, lowered = match.end(), True
    parts.append(_raised(words[end:], lowered))
    return "".join(parts)


def _raised(words: str, lowered: bool) -> str:
    """Return escaped text back on the baseline after a subscript."""
    safe = escape(words, quote=False)
    return f'<tspan dy="-3">{safe}</tspan>' if lowered and safe else safe


def drawing(
    width: float, height: float, parts: Iterable[str], label: str, *, hidden: bool = False
) -> str:
    """Return a whole drawing of ``width`` × ``height`` CSS pixels that says what it is."""
    about: dict[str, str] = (
        {"aria_hidden": "true"} if hidden else {"role": "img", "aria_label": label}
    )
    return element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_="chart",
        width=width,
        height=height,
        viewBox=f"0 0 {short(width)} {short(height)}",
        font_family=FONT,
        font_size=SIZE,
        **about,
    )
