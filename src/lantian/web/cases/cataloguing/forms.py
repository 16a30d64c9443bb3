"""The form of one problem type of the next version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from lantian.i18n import gettext as _
from lantian.web.cases.catalogue import STAGES, Catalogue, ProblemType
from lantian.web.cases.catalogue_reading import MOST_PIECES
from lantian.web.cases.cataloguing import words
from lantian.web.cases.cataloguing.sheets import EVIDENCED
from lantian.web.cases.table import TABLE
from lantian.web.core.forms import Sentences
from lantian.web.duties import words as duties

_SHORT = ("zh", "en", "unit_zh", "unit_en")
_LONG = ("opening_zh", "opening_en", "closing_zh", "closing_en")
_CHOSEN = ("medium", "sector", "severity", "lead")


def _speaking(name: str) -> dict[str, str]:
    """Return the attribute that says the language of a field's text."""
    return {"lang": "en" if name.endswith("en") else "zh-CN"}


class VersionForm(Sentences):
    """What the next version is called and from when it holds."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "version": forms.CharField(
                label=_("Version"), max_length=32,
                help_text=_("Letters, figures, dots and dashes, e.g. 2027-1."),
            ),
            "valid_from": forms.DateField(
                label=_("In force from"),
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            ),
        }  # fmt: skip


class WorkbookForm(VersionForm):
    """The whole next version as a file."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {**super().fields_of(), "file": forms.FileField(label=_("File"))}


class ProblemForm(VersionForm):
    """One problem type; what is allowed is decided by the reading of the catalogue."""

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:  # noqa: ANN401
        self.catalogue = catalogue
        super().__init__(*args, **kwargs)

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        texts = {
            "zh": _("Name in Chinese"), "en": _("Name in English"),
            "unit_zh": _("Lead unit in Chinese"), "unit_en": _("Lead unit in English"),
            "opening_zh": _("Condition of opening in Chinese"),
            "opening_en": _("Condition of opening in English"),
            "closing_zh": _("Condition of closing in Chinese"),
            "closing_en": _("Condition of closing in English"),
        }  # fmt: skip
        chosen = {
            "medium": (_("Medium"), words.media()), "sector": (_("Sector"), duties.sectors()),
            "severity": (_("Severity"), words.severities()),
            "lead": (_("Kind of the lead unit"), words.leads()),
        }  # fmt: skip
        kinds = forms.MultipleChoiceField(
            label=_("Kinds of sources"), choices=duties.source_kinds(), required=False,
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        return {
            **super().fields_of(),
            "code": forms.RegexField(
                r"^[a-z][a-z0-9_]{0,31}$", label=_("Code"),
                help_text=_("Small letters, figures and _; it never changes."),
            ),
            **{
                n: forms.CharField(label=texts[n], widget=forms.TextInput(attrs=_speaking(n)))
                for n in _SHORT
            },
            **{n: forms.ChoiceField(label=chosen[n][0], choices=chosen[n][1]) for n in _CHOSEN},
            "kinds": kinds,
            **{
                n: forms.CharField(
                    label=texts[n], widget=forms.Textarea(attrs={"rows": 3, **_speaking(n)})
                )
                for n in _LONG
            },
            **self._limits(),
            **self._evidence(),
        }  # fmt: skip

    def _limits(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        for stage in STAGES:
            title = words.stage_title(stage)
            found[f"limit_{stage}"] = forms.IntegerField(label=title, min_value=1)
            found[f"unit_of_{stage}"] = forms.ChoiceField(
                label=_("{stage}: unit").format(stage=title), choices=words.units()
            )
        return found

    def _evidence(self) -> dict[str, forms.Field]:
        return {
            f"evidence_{action}_{kind.code}": forms.IntegerField(
                label=_("{action}: {kind}").format(
                    action=TABLE.actions[action].title, kind=kind.title
                ),
                min_value=0, max_value=MOST_PIECES, required=False,
            )
            for action in EVIDENCED
            for kind in self.catalogue.evidence_kinds.values()
        }  # fmt: skip

    def limits(self) -> list[tuple[str, Any, Any]]:
        """Return, by stage, its name and its two fields."""
        return [(words.stage_title(s), self[f"limit_{s}"], self[f"unit_of_{s}"]) for s in STAGES]

    def evidence(self) -> list[tuple[str, list[Any]]]:
        """Return, by action, its name and a field for each kind of evidence."""
        kinds = self.catalogue.evidence_kinds
        return [
            (TABLE.actions[a].title, [self[f"evidence_{a}_{k}"] for k in kinds]) for a in EVIDENCED
        ]

    def said(self) -> dict[str, Any]:
        """Return what was entered, as the catalogue's table says a type."""
        given = self.cleaned_data
        evidence = {
            action: {
                kind: n
                for kind in self.catalogue.evidence_kinds
                if (n := given.get(f"evidence_{action}_{kind}"))
            }
            for action in EVIDENCED
        }
        return {
            **{n: given[n].strip() for n in (*_SHORT, *_LONG)},
            **{n: given[n] for n in _CHOSEN},
            "kinds": given["kinds"],
            "limits": {
                s: {"value": given[f"limit_{s}"], "unit": given[f"unit_of_{s}"]} for s in STAGES
            },
            "evidence": {action: pieces for action, pieces in evidence.items() if pieces},
        }


def initial(problem: ProblemType) -> dict[str, Any]:
    """Return what the form of a problem type starts with."""
    found: Mapping[str, Any] = {n: getattr(problem, n) for n in ("code", *_SHORT, *_LONG, *_CHOSEN)}
    limits: dict[str, Any] = {}
    for stage, limit in problem.limits.items():
        limits |= {f"limit_{stage}": limit.value, f"unit_of_{stage}": limit.unit}
    evidence = {
        f"evidence_{action}_{kind}": n
        for action, pieces in problem.evidence.items()
        for kind, n in pieces.items()
    }
    return {**found, "kinds": list(problem.kinds), **limits, **evidence}
