"""Forms about organisations, rules and handing over. What is allowed is decided by the actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.core.forms import Sentences
from lantian.web.duties import words
from lantian.web.duties.models import Kind, Organisation
from lantian.web.places.models import Territory

Choices = Sequence[tuple[str, str]]


def _choice(label: str, choices: Choices, empty: str, **more: Any) -> forms.ChoiceField:  # noqa: ANN401
    return forms.ChoiceField(label=label, choices=[("", empty), *choices], **more)


def _territory(empty: str, label: str, *, required: bool = False) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Territory.objects.order_by("code"), label=label, empty_label=empty, required=required
    )


def _unit(label: str, rows: Any, empty: str, *, required: bool = False) -> forms.ModelChoiceField:  # noqa: ANN401 - a query set
    return forms.ModelChoiceField(rows, label=label, empty_label=empty, required=required)


def _day(label: str, **more: Any) -> forms.DateField:  # noqa: ANN401
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


class OrganisationForm(Sentences):
    """What is kept of an organisation."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "name": forms.CharField(label=_("Name"), max_length=120),
            "kind": _choice(_("Kind"), words.kinds(), "—"),
            "territory": _territory("—", _("Territory")),
            "sector": _choice(_("Sector"), words.sectors(), _("none of its own"), required=False),
            "parent": _unit(
                _("Belongs to"), Organisation.objects.filter(valid_to=None).order_by("code"), "—"
            ),
            "credit_code": forms.CharField(
                label=_("Unified social credit code"), max_length=30, required=False
            ),
        }


class NewOrganisationForm(OrganisationForm):
    """A new organisation and its first day."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {**super().fields_of(), "valid_from": _day(_("From"))}


class RuleForm(Sentences):
    """What a rule says, and from when on."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        units = Organisation.objects.filter(valid_to=None).order_by("code")
        authorities = units.exclude(kind=Kind.ENTERPRISE)
        return {
            "territory": _territory(_("any"), _("Territory, with everything below it")),
            "sector": _choice(_("Sector"), words.sectors(), _("any"), required=False),
            "source_kind": _choice(
                _("Kind of source"), words.source_kinds(), _("any"), required=False
            ),
            "problem_type": _choice(
                _("Problem type"), words.problem_types(), _("any"), required=False
            ),
            "lead": _unit(_("Lead unit"), units, "—", required=True),
            "industry": _unit(_("Industry unit"), authorities, _("none")),
            "supporting": forms.ModelMultipleChoiceField(
                authorities, label=_("Supporting units"), required=False
            ),
            "leader_of": _unit(
                _("Leader in charge: the leader’s post of"), authorities, _("none")
            ),
            "grid": _choice(
                _("On the ground: the nearest post of"), words.grid_roles(), _("none"),
                required=False,
            ),
            "reason": forms.CharField(
                label=_("It rests on"), max_length=400,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_("The document and its number, or the decision."),
            ),
            "valid_from": _day(_("From")),
        }  # fmt: skip

    def supporting_options(self) -> list[tuple[int, str]]:
        """Return id and name of the units that may be named as helping."""
        field: Any = self.fields["supporting"]
        return [(unit.pk, unit.name) for unit in field.queryset]

    def supporting_chosen(self) -> set[int]:
        """Return the ids of those that are chosen, or were in the form sent."""
        given = self["supporting"].value() or ()
        return {int(v.pk if isinstance(v, Organisation) else v) for v in given if _is_id(v)}


def _is_id(value: object) -> bool:
    return isinstance(value, Organisation | int) or str(value).isdecimal()


class WhoForm(Sentences):
    """A problem about which one asks who answers."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        unknown = _("not known")
        return {
            "territory": _territory("—", _("Territory"), required=True),
            "sector": _choice(_("Sector"), words.sectors(), unknown, required=False),
            "source_kind": _choice(
                _("Kind of source"), words.source_kinds(), unknown, required=False
            ),
            "problem_type": _choice(
                _("Problem type"), words.problem_types(), unknown, required=False
            ),
            "on": _day(_("On"), required=False),
        }


class EndForm(Sentences):
    """The last day of something."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {"last_day": _day(_("Last day"))}


class FileForm(Sentences):
    """A file to be taken in."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "file": forms.FileField(
                label=_("File"), help_text=_("Excel or CSV, as the download gives it."),
                widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls,.ods"}),
            )
        }  # fmt: skip


class HandoverForm(Sentences):
    """Who leaves, who follows, and when."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # noqa: ANN401
        self._today = today
        super().__init__(*args, **kwargs)

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "leaver": forms.ModelChoiceField(
                User.objects.filter(appointments__isnull=False).distinct(),
                label=_("Who leaves"), empty_label="—",
            ),
            "successor": forms.ModelChoiceField(
                User.objects.filter(is_active=True), label=_("Who follows"), empty_label="—"
            ),
            "last_day": forms.DateField(
                label=_("Last day of who leaves"), required=False,
                help_text=_("Empty: at once; the successor begins today."),
                widget=forms.DateInput(
                    attrs={"type": "date", "min": self._today.isoformat()}, format="%Y-%m-%d"
                ),
            ),
        }  # fmt: skip
