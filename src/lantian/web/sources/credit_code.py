"""The unified social credit code (GB 32100-2015): 18 characters, the last one a check."""

from __future__ import annotations

import re

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

# GB 32100-2015, table of code characters and their values: no I, O, S, V, Z.
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_FORM = re.compile(rf"[{_SIGNS}]{{2}}[0-9]{{6}}[{_SIGNS}]{{10}}")


def check_character(body: str) -> str:
    """Return the check character of the first 17 characters: 31 - Σ cᵢ·3^(i-1) mod 31.

    Raises
    ------
    ValueError
        A character is none of the code's.
    """
    total = sum(_SIGNS.index(c) * w for c, w in zip(body, _WEIGHTS, strict=True))
    return _SIGNS[-total % 31]


def credit_code(text: str) -> str:
    """Return a code in capitals, without blanks and hyphens.

    Raises
    ------
    InvalidArgumentError
        ``sources.bad_credit_code``: another length or characters, or another check character.
    """
    code = re.sub(r"[\s-]+", "", text).upper()
    if not _FORM.fullmatch(code):
        raise InvalidArgumentError(
            "sources.bad_credit_code",
            _(
                "“{text}” is no unified social credit code: 18 figures and capital letters without "
                "I, O, S, V, Z; places 3 to 8 are figures."
            ).format(text=text),
            {"value": text},
        )
    right = check_character(code[:17])
    if code[17] != right:
        raise InvalidArgumentError(
            "sources.bad_credit_code",
            _(
                "The credit code {text} has a slip: its check character should be {right}. Compare "
                "it with the licence."
            ).format(text=code, right=right),
            {"value": text, "expected": right},
        )
    return code
