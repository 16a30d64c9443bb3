"""Forms about task forces. What is allowed is decided by the actions."""

from __future__ import annotations

from typing import Any

from django import forms

from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.core.forms import Sentences
from lantian.web.duties import words
from lantian.web.places.models import Territory
from lantian.web.taskforces.models import TaskForce


def _day(label: str, **more: Any) -> forms.DateField:  # noqa: ANN401
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


class TaskForceForm(Sentences):
    """What is kept of a task force."""

    SEVERAL = ("territories", "problems", "kinds")

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "name": forms.CharField(label=_("Name"), max_length=80),
            "purpose": forms.CharField(
                label=_("What it is for"), required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            ),
            "starts": _day(_("First day")),
            "ends": _day(_("Last day"), required=False),
            "territories": forms.ModelMultipleChoiceField(
                Territory.objects.order_by("code"), label=_("Territories"), required=False
            ),
            "problems": forms.MultipleChoiceField(
                label=_("Problem types"), choices=words.problem_types(), required=False
            ),
            "kinds": forms.MultipleChoiceField(
                label=_("Kinds of sources"), choices=words.source_kinds(), required=False
            ),
        }  # fmt: skip

    def options(self, name: str) -> list[tuple[str, str]]:
        """Return value and text of what may be ticked."""
        field: Any = self.fields[name]
        if name == "territories":
            return [(str(t.pk), t.name) for t in field.queryset]
        return [(str(value), str(text)) for value, text in field.choices]

    def ticked(self, name: str) -> set[str]:
        """Return what is ticked, or was in the form sent."""
        given = self[name].value() or ()
        return {str(v.pk if isinstance(v, Territory) else v) for v in given}


class MemberForm(Sentences):
    """Somebody to be put into a task force."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "user": forms.ModelChoiceField(
                User.objects.filter(is_active=True).order_by("name"), label=_("Who"),
                empty_label="—",
            ),
            "task": forms.CharField(label=_("Task in it"), max_length=120, required=False),
            "leads": forms.BooleanField(label=_("leads it"), required=False),
        }  # fmt: skip


class EndForm(Sentences):
    """The last day of a task force."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {"last_day": _day(_("Last day"))}


def initial_of(force: TaskForce) -> dict[str, object]:
    """Return what a form shows of a task force."""
    own = {n: getattr(force, n) for n in ("name", "purpose", "starts", "ends", "problems", "kinds")}
    return {**own, "territories": list(force.territories.all())}
