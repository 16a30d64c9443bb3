"""Forms about territories and stations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.observations.datum import DATUMS
from lantian.observations.station_table import KINDS
from lantian.web.core.forms import Sentences
from lantian.web.places.models import Territory
from lantian.web.places.queries import LEVELS


class ImportForm(Sentences):
    """A file of territories or stations, and the datum of its coordinates."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        return {
            "datum": forms.ChoiceField(
                label=_("Datum of the coordinates"),
                choices=[("", _("choose")), *((d, d) for d in DATUMS)],
                help_text=_("What the file says of single places counts before it. Amap and "
                            "Tencent use GCJ-02, Baidu BD-09."),
            ),
        }  # fmt: skip


class TerritoryForm(Sentences):
    """Name and parent of a territory."""

    def __init__(
        self, territory: Territory, *args: Any, **kwargs: Any  # noqa: ANN401 - Django's own
    ) -> None:  # fmt: skip
        self.territory = territory
        super().__init__(*args, **kwargs)

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        above = LEVELS[: LEVELS.index(self.territory.level)]
        parents = Territory.objects.filter(level__in=above).values_list("code", "name")
        return {
            "name": forms.CharField(label=_("Name"), max_length=80),
            "parent": forms.ChoiceField(
                label=_("Belongs to"), required=False,
                choices=[("", "—"), *((c, f"{n} {c}") for c, n in parents)],
            ),
        }  # fmt: skip


class StationForm(Sentences):
    """One station of the register."""

    def __init__(
        self, *args: Any, known: bool, **kwargs: Any  # noqa: ANN401 - Django's own
    ) -> None:  # fmt: skip
        self.known = known
        super().__init__(*args, **kwargs)

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        kinds = [(k.id, k.zh if active() == "zh" else k.en) for k in KINDS.values()]
        texts = {
            "name": _("Name"), "city": _("City"), "town": _("Town"), "network": _("Network"),
            "operator": _("Operator"),
        }  # fmt: skip
        return {
            "station": forms.CharField(label=_("Id"), max_length=80, disabled=self.known),
            **{
                key: forms.CharField(label=label, required=False, max_length=120)
                for key, label in texts.items()
            },
            "kind": forms.ChoiceField(label=_("Kind"), required=False, choices=[("", "—"), *kinds]),
            "control": forms.BooleanField(
                label=_("Control station: left out of city means"), required=False
            ),
            "start": forms.DateField(label=_("First day"), required=False, widget=day),
            "end": forms.DateField(label=_("Last day"), required=False, widget=day),
            "lon": forms.FloatField(label=_("Longitude [°E]"), required=False),
            "lat": forms.FloatField(label=_("Latitude [°N]"), required=False),
            "datum": forms.ChoiceField(
                label=_("Datum of the position"), required=False,
                choices=[("", "—"), *((d, d) for d in DATUMS)],
                help_text=_("The position is kept in WGS84; say in which datum you give it."),
            ),
            "standing": forms.IntegerField(required=False, widget=forms.HiddenInput),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for a position with its datum, whole or not at all."""
        data = super().clean() or self.cleaned_data
        place = [data.get(name) is not None for name in ("lon", "lat")]
        if any(place) and not all(place):
            self.add_error("lat", _("Give longitude and latitude, or neither."))
        if all(place) and not data.get("datum"):
            self.add_error("datum", _("Say in which datum the position is."))
        return data

    def row(self) -> Mapping[str, Any]:
        """Return the row of the register, of a valid form."""
        data = {k: v for k, v in self.cleaned_data.items() if k != "standing"}
        row = {k: None if v == "" else v for k, v in data.items()}
        if row["lon"] is None:
            row["datum"] = None
        return row
