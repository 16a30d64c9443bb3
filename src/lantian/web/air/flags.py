"""Marks and grades of stored values in words."""

from __future__ import annotations

from lantian.i18n import gettext as _
from lantian.observations.readers.table_values import flag_words as source_words
from lantian.reports import words


def flag_words(flag: str) -> str:
    """Return what the marks of a value say, in the language in force; empty for none.

    A mark that is known to nobody is shown as it was delivered.
    """
    known = {
        "CORRECTED": _("corrected by hand"),
        "EXCLUDED": _("excluded by hand"),
        "QC:range": _("out of range"),
        "QC:rise": _("sudden change"),
        "QC:stuck": _("stuck at one value"),
        "QC:particles": _("PM2.5 above PM10"),
        "QC:neighbours": _("unlike its neighbours"),
    }
    marks = [m.strip() for m in flag.split(";") if m.strip()]
    return words.joined(known.get(m) or source_words(m) or m for m in marks)


def state_words(state: str) -> str:
    """Return a grade, or the state of an hour, in the language in force."""
    return {
        "valid": _("valid"),
        "suspect": _("suspect"),
        "invalid": _("invalid"),
        "missing": _("missing"),
        "late": _("late"),
        "ok": _("in time"),
    }.get(state, state)


def decision_words(kind: str) -> str:
    """Return what a person decided, or that it is an import."""
    return {
        "import": _("import"),
        "correction": _("correction"),
        "exclusion": _("exclusion"),
        "restore": _("restoration"),
    }.get(kind, kind)
