"""Forms about measurements."""

from __future__ import annotations

from typing import Any

from django import forms

from lantian.i18n import gettext as _
from lantian.observations.datum import DATUMS
from lantian.observations.import_checks import SWAPPED
from lantian.observations.layout import check_zone
from lantian.web.air.flags import state_words
from lantian.web.air.uploads import Choices
from lantian.web.core.air import network
from lantian.web.core.forms import Sentences

_PERIODS = ("1h", "24h")


class ChoicesForm(Sentences):
    """What a person says of the files they send."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        none = ("", _("stated in the file"))
        return {
            "calibre": forms.ChoiceField(
                label=_("Kind of data"),
                choices=[("realtime", _("Real-time")), ("audited", _("Audited"))],
            ),
            "network": forms.CharField(
                label=_("Network of stations not in the register"), required=False, max_length=80,
                help_text=_("Stations nobody knows yet are entered under this network. Empty: "
                            "they are reported instead."),
            ),
            "zone": forms.CharField(
                label=_("Time zone"), required=False, max_length=60,
                help_text=_("Of times written without one. Empty: {zone}.").format(
                    zone=network().zone
                ),
            ),
            "datum": forms.ChoiceField(
                label=_("Datum of station lists"), required=False,
                choices=[none, *((d, d) for d in DATUMS)],
            ),
            "station": forms.CharField(
                label=_("Station of files that name none"), required=False, max_length=80
            ),
            "period": forms.ChoiceField(
                label=_("Averaging of files that state none"),
                choices=[(p, {"1h": _("1 hour"), "24h": _("24 hours")}[p]) for p in _PERIODS],
            ),
        }  # fmt: skip

    def clean_zone(self) -> str:
        """Return a zone that exists."""
        zone = str(self.cleaned_data["zone"]).strip()
        if zone:
            check_zone(zone)
        return zone

    def choices(self, *, accept_swapped: bool = False) -> Choices:
        """Return what was said, of a valid form."""
        data = {k: str(v).strip() for k, v in self.cleaned_data.items()}
        return Choices(**data, accept=(SWAPPED,) if accept_swapped else ())


class CorrectForm(Sentences):
    """Another value for an hour."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "value": forms.FloatField(label=_("New value"), required=False),
            "missing": forms.BooleanField(
                label=_("There is no right value: missing"), required=False
            ),
            "grade": forms.ChoiceField(
                label=_("Grade"), required=False,
                choices=[("", _("as quality control judges it")),
                         *((g, state_words(g)) for g in ("valid", "suspect"))],
            ),
            "reason": _reason(_("Why, and on what ground; it stays with the value.")),
            "standing": forms.IntegerField(required=False, widget=forms.HiddenInput),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for a value or for missing, not both."""
        data = super().clean() or self.cleaned_data
        if (data.get("value") is None) == (not data.get("missing")) and "value" not in self.errors:
            self.add_error("value", _("Give a number, or say that the value is missing."))
        return data


class ReasonForm(Sentences):
    """A reason, and how much the person was told would change."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "reason": _reason(_("It stays in the history.")),
            "expected": forms.CharField(
                required=False, widget=forms.HiddenInput, max_length=100_000
            ),
        }


class DustForm(Sentences):
    """A sand-dust decision."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        stations = network().stations().select("station", "name").iter_rows()
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return {
            "first": forms.DateField(label=_("First day"), widget=day),
            "last": forms.DateField(label=_("Last day"), widget=day),
            "stations": forms.MultipleChoiceField(
                label=_("Stations"), required=False,
                choices=[(s, f"{n or s} {s}" if n != s else s) for s, n in stations],
                help_text=_("None chosen: all stations."),
            ),
            "decision": forms.CharField(
                label=_("Number of the decision"), max_length=120,
                help_text=_("Of the notice the deduction rests on; it is named wherever values "
                            "are deducted."),
            ),
        }  # fmt: skip


def _reason(help_text: str) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), max_length=500, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
