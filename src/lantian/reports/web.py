"""A report as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from lantian.reports.document import Block, Document
from lantian.reports.words import SUBSCRIPT


def page(doc: Document) -> str:
    """Return the page. It runs no script, asks for no other file and has no style attribute."""
    css = _css(simulated=bool(doc.simulated))
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    # Markup: the style sheet is ours, and the digest must be of its very bytes
    return _environment().get_template("report.html.j2").render(
        doc=doc, css=Markup(css), digest=digest  # noqa: S704 - as said
    )  # fmt: skip


def formula(text: str) -> Markup:
    """Escape plain text and set the digits of PM2.5, SO2 and the like low."""
    return Markup(SUBSCRIPT.sub(r"\1<sub>\2</sub>", str(escape(text))))  # noqa: S704 - escaped


def _drawing(svg: str) -> Markup:
    """Mark a drawing of ours as safe: its writers escape every word they take in."""
    return Markup(svg)  # noqa: S704 - as said


def _kind(block: Block) -> str:
    return type(block).__name__


@cache
def _css(*, simulated: bool) -> str:
    folder = files("lantian.reports") / "assets"
    names = ["tokens.css", "report.css", *(["simulated.css"] if simulated else [])]
    return "\n" + "\n".join((folder / n).read_text("utf-8").strip() for n in names) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lantian.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
        lstrip_blocks=True,
    )
    environment.filters |= {"formula": formula, "svg": _drawing, "kind": _kind}
    return environment
