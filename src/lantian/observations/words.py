"""What kinds of changes, grades and findings are called, in the language in force."""

from __future__ import annotations

from lantian.i18n import gettext as _


def kind_word(kind: str) -> str:
    """Return what kind of change a batch is."""
    return {
        "import": _("import"),
        "correction": _("correction"),
        "exclusion": _("exclusion"),
        "restore": _("exclusion taken back"),
    }.get(kind, kind)


def grade_word(grade: str) -> str:
    """Return a grade in a word."""
    return {"valid": _("valid"), "suspect": _("suspect"), "invalid": _("invalid")}.get(grade, grade)


def rule_word(rule: str) -> str:
    """Return what a rule of quality control found."""
    return {
        "range": _("out of range"),
        "rise": _("rises too fast"),
        "stuck": _("does not move"),
        "particles": _("PM2.5 above PM10"),
        "neighbours": _("unlike the neighbours"),
    }.get(rule, rule)


def given(text: str | None) -> str:
    """Return a name that a program gave, in the language in force; that of a person as it is."""
    return {
        "simulation": _("simulation"),
        "simulated": _("simulated"),
        "simulated (模拟)": _("simulated"),
        "schedule": _("schedule"),
        "correction": _("correction"),
    }.get(text or "", text or "")
