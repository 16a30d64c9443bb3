"""Text that a spreadsheet program must show, never run.

A cell whose text starts with ``= + - @``, a tab or a line break may be run as a formula when a CSV
is opened (OWASP, "CSV Injection"). An apostrophe in front makes it text. The marking is
one-to-one, so that a file written here and read back gives the same text.
"""

from __future__ import annotations

import re
from typing import overload

import polars as pl

_DANGEROUS = r"^'*[=+\-@\t\r\n＝＋－＠]"
_MARKED = r"^'('*[=+\-@\t\r\n＝＋－＠])"


@overload
def safe_text(text: str) -> str: ...
@overload
def safe_text(text: pl.Expr) -> pl.Expr: ...
def safe_text(text: str | pl.Expr) -> str | pl.Expr:
    """Return ``text`` with an apostrophe in front if a spreadsheet might run it.

    Parameters
    ----------
    text
        One text, or an expression of strings; null stays null. Numbers stay numbers: do not
        pass them.
    """
    if isinstance(text, str):
        return f"'{text}" if re.match(_DANGEROUS, text) else text
    return text.str.replace(_DANGEROUS, "'${0}")


@overload
def plain_text(text: str) -> str: ...
@overload
def plain_text(text: pl.Expr) -> pl.Expr: ...
def plain_text(text: str | pl.Expr) -> str | pl.Expr:
    """Return ``text`` without the apostrophe that :func:`safe_text` put there."""
    if isinstance(text, str):
        return re.sub(_MARKED, r"\1", text)
    return text.str.replace(_MARKED, "${1}")
