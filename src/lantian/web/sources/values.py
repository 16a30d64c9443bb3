"""From the texts of a form or a file to the values of a source."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.sources.kinds import Attribute
from lantian.web.sources.words import NO, YES, find_word

_PLACES = 8  # decimals kept: what a spreadsheet gives back of any number
_SEVERAL = re.compile(r"[;；\n]+")
_LIST = re.compile(r"[、,，;；/\n]+")
_HIGHEST, _WIDEST = 500.0, 50.0  # m; of a stack
_TEXT, _PART = 200, 60  # characters
MOST_PARTS = 200  # stacks or contacts of a source


def attribute_value(attribute: Attribute, text: str) -> Any:  # noqa: ANN401 - by its type
    """Return what a text says of an attribute; JSON-able.

    Raises
    ------
    InvalidArgumentError
        ``sources.not_a_number``, ``sources.out_of_range``, ``sources.not_a_day``,
        ``sources.not_yes_or_no``, ``sources.no_choice``, ``sources.bad_form``,
        ``sources.too_long``.
    """
    readers: Mapping[str, Callable[[Attribute, str], Any]] = {
        "text": _text, "integer": _number, "number": _number, "yes_no": _yes_no,
        "choice": _choice, "choices": _choices, "date": lambda _a, t: day(t).isoformat(),
    }  # fmt: skip
    return readers[attribute.type](attribute, text)


def number(text: str) -> float:
    """Return a number; thousands may be set apart by commas.

    Raises
    ------
    InvalidArgumentError
        ``sources.not_a_number``.
    """
    try:
        value = float(re.sub(r"(?<=\d)[,，](?=\d{3}\b)", "", text.strip()))
    except ValueError as error:
        raise _not_a_number(text) from error
    if not math.isfinite(value):
        raise _not_a_number(text)
    return round(value, _PLACES)


def day(text: str) -> date:
    """Return a day, also written 2026/1/31 or 2026年1月31日, or with a time behind it.

    Raises
    ------
    InvalidArgumentError
        ``sources.not_a_day``.
    """
    found = re.match(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$", text.strip())
    try:
        if found is None:
            raise ValueError(text)
        return date(*map(int, found.groups()))
    except ValueError as error:
        raise InvalidArgumentError(
            "sources.not_a_day",
            _("“{text}” is not a day; write it as 2026-01-31.").format(text=text),
        ) from error


def stacks(text: str) -> list[dict[str, Any]]:
    """Return stacks written ``name/height/diameter`` [m], one a line or set apart by semicolons.

    Raises
    ------
    InvalidArgumentError
        ``sources.bad_stack``.
    """
    found = []
    for part in _parts(text):
        cells = [c.strip() for c in re.split(r"[/／]", part)]
        try:
            name, height, diameter = cells[0], number(cells[1]), number(cells[2])
            fits = len(cells) == 3 and name and len(name) <= _PART
            if not fits or not 0 < height <= _HIGHEST or not 0 < diameter <= _WIDEST:
                raise ValueError(part)
        except (IndexError, ValueError) as error:
            raise InvalidArgumentError(
                "sources.bad_stack",
                _(
                    "“{text}” is no stack. Write name/height/diameter in metres, such as "
                    "DA001/45/1.2; several are set apart by semicolons."
                ).format(text=part),
            ) from error
        found.append({"name": name, "height": height, "diameter": diameter})
    return found


def contacts(text: str) -> list[dict[str, str]]:
    """Return contacts written ``name/duty/phone``, one a line or set apart by semicolons.

    Raises
    ------
    InvalidArgumentError
        ``sources.bad_contact``.
    """
    found = []
    for part in _parts(text):
        cells = [c.strip() for c in re.split(r"[/／]", part)]
        long = any(len(c) > _PART for c in cells)
        phone = cells[-1] if len(cells) == 3 else ""
        if len(cells) != 3 or not cells[0] or long or not re.fullmatch(r"[0-9+\-() ]*", phone):
            raise InvalidArgumentError(
                "sources.bad_contact",
                _(
                    "“{text}” is no contact. Write name/duty/phone, such as 环保负责人/安环部/"
                    "0373-1234567; several are set apart by semicolons."
                ).format(text=part),
            )
        found.append({"name": cells[0], "duty": cells[1], "phone": phone})
    return found


def _parts(text: str) -> list[str]:
    parts = [p.strip() for p in _SEVERAL.split(text) if p.strip()]
    if len(parts) > MOST_PARTS:
        raise InvalidArgumentError(
            "sources.too_many_parts",
            _("At most {most} stacks or contacts are kept of a source.").format(most=MOST_PARTS),
        )
    return parts


def _text(attribute: Attribute, text: str) -> str:
    if len(text) > _TEXT:
        raise InvalidArgumentError(
            "sources.too_long",
            _("The text has {n} characters; {most} are kept.").format(n=len(text), most=_TEXT),
        )
    if attribute.pattern and not re.fullmatch(attribute.pattern, text):
        raise InvalidArgumentError(
            "sources.bad_form",
            _("“{text}” has not the form of this field: {hint}.").format(
                text=text, hint=attribute.hint or attribute.pattern
            ),
        )
    return text


def _number(attribute: Attribute, text: str) -> float | int:
    value = number(text)
    if attribute.type == "integer" and not value.is_integer():
        raise InvalidArgumentError(
            "sources.not_a_number", _("“{text}” is not a whole number.").format(text=text)
        )
    low, high = attribute.least, attribute.most
    if (low is not None and value < low) or (high is not None and value > high):
        raise InvalidArgumentError(
            "sources.out_of_range",
            _("{text} is not between {least} and {most}{unit}.").format(
                text=text,
                least="−∞" if low is None else f"{low:,g}",
                most="∞" if high is None else f"{high:,.0f}",
                unit=f" {attribute.unit}" if attribute.unit else "",
            ),
        )
    return int(value) if attribute.type == "integer" else value


def _yes_no(attribute: Attribute, text: str) -> bool:
    del attribute
    plain = text.strip().lower()
    if plain in YES or plain in NO:
        return plain in YES
    raise InvalidArgumentError(
        "sources.not_yes_or_no",
        _("“{text}” is neither yes nor no; write 是 or 否, yes or no.").format(text=text),
    )


def _choice(attribute: Attribute, text: str) -> str:
    found = find_word(text, {w.code: w for w in attribute.choices})
    if found is None:
        raise InvalidArgumentError(
            "sources.no_choice",
            _("“{text}” is none of: {choices}.").format(
                text=text, choices=", ".join(w.title for w in attribute.choices)
            ),
        )
    return found


def _choices(attribute: Attribute, text: str) -> list[str]:
    chosen = {_choice(attribute, t.strip()) for t in _LIST.split(text) if t.strip()}
    return [w.code for w in attribute.choices if w.code in chosen]


def _not_a_number(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "sources.not_a_number", _("“{text}” is not a number.").format(text=text)
    )
