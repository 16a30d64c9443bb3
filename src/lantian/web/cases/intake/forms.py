"""The forms problems are typed into: by people of the network, and by the public."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations.datum import DATUMS, to_wgs84
from lantian.web.cases.catalogue import SEVERITIES, Catalogue
from lantian.web.cases.intake.public import CHOICES, DAYS_BACK
from lantian.web.cases.table import TABLE
from lantian.web.core.forms import Sentences
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source
from lantian.web.sources.reach import Reach

Options = list[tuple[str, Any]]
FIRST_YEAR, LAST_YEAR = 2000, 9999  # beyond them a moment may not be told in UTC
_TYPED = ("manual", "patrol", "hotline", "higher_inspection")


class Moment(forms.DateTimeField):
    """A local moment, to the minute; of a year that clocks of all zones can tell."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:  # noqa: ANN401 - as Django hands it over
        """Return it with its zone; refuse what is no year of ours."""
        wrong = forms.ValidationError(_("Give a year from {first} on.").format(first=FIRST_YEAR))
        try:
            found = super().to_python(value)
        except OverflowError as error:
            raise wrong from error
        if found is not None and not FIRST_YEAR <= found.year < LAST_YEAR:
            raise wrong
        return found


def moment_field(label: str, *, required: bool) -> forms.Field:
    """Return a field of a local moment, to the minute."""
    return Moment(label=label, required=required)


class Placed(Sentences):
    """A form with a position that is whole or not there, in WGS84 once it is clean."""

    def position(self) -> dict[str, forms.Field]:
        """Return its fields."""
        return {
            "lon": forms.FloatField(label=_("Longitude [°E]"), required=False,
                                    min_value=-180, max_value=180),
            "lat": forms.FloatField(label=_("Latitude [°N]"), required=False,
                                    min_value=-90, max_value=90),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for both coordinates or neither, and turn them into WGS84."""
        data = super().clean() or self.cleaned_data
        lon, lat = data.get("lon"), data.get("lat")
        if "lon" in self.errors or "lat" in self.errors:
            return data
        if (lon is None) != (lat is None):
            self.add_error("lat", _("Give both longitude and latitude, or neither."))
        elif (
            lon is not None and lat is not None and data.get("datum", "WGS84") not in ("", "WGS84")
        ):
            try:
                east, north = to_wgs84(lon, lat, data["datum"])
            except DomainError as error:
                self.add_error("lat", error.message)
            else:
                data["lon"], data["lat"] = round(float(east), 6), round(float(north), 6)
        return data


class CaseForm(Placed):
    """A problem typed in by somebody of the network."""

    def __init__(
        self, data: QueryDict | None = None, *, catalogue: Catalogue, sources: Reach,
        now: datetime, alert: bool, initial: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self._catalogue, self._sources, self._now, self._alert = catalogue, sources, now, alert
        super().__init__(data, initial={"found_at": now, "datum": "WGS84", **(initial or {})})

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        channels = ("alert",) if self._alert else _TYPED
        severities = {"general": _("general"), "serious": _("serious")}
        return {
            "channel": forms.ChoiceField(
                label=_("Channel *"), choices=[(c, TABLE.channels[c].title) for c in channels]
            ),
            "title": forms.CharField(label=_("Title *"), max_length=120),
            "description": forms.CharField(
                label=_("Description"), required=False, max_length=4000,
                widget=forms.Textarea(attrs={"rows": 4}),
            ),
            "found_at": moment_field(_("Seen at *"), required=True),
            "source": forms.CharField(
                label=_("Pollution source"), required=False, max_length=32,
                help_text=_(
                    "Its number; type a part of its name to find it. Empty: none is known."
                ),
            ),
            "problem": forms.ChoiceField(label=_("Problem type *"), choices=self.problems()),
            "severity": forms.ChoiceField(
                label=_("Severity"), required=False,
                choices=[
                    ("", _("as the catalogue says")), *((s, severities[s]) for s in SEVERITIES)
                ],
            ),
            **self.position(),
            "datum": forms.ChoiceField(
                label=_("Datum of the position"), choices=[(d, d) for d in DATUMS],
                help_text=_(
                    "The map here and phones give WGS84; Amap and Tencent GCJ-02, Baidu BD-09."
                ),
            ),
            "territory": forms.ChoiceField(
                label=_("Territory"), required=False,
                choices=[("", _("by the position, or the source")), *_territories()],
            ),
            "place": forms.CharField(label=_("Place in words"), required=False, max_length=120),
            "external_number": forms.CharField(
                label=_("Number of the order from above"), required=False, max_length=64
            ),
            "external_due": moment_field(_("Its deadline"), required=False),
            "own_due": moment_field(_("Our own deadline, not later"), required=False),
            "reporter_name": forms.CharField(label=_("Name"), required=False, max_length=80),
            "reporter_phone": forms.CharField(label=_("Phone"), required=False, max_length=32),
            "reporter_address": forms.CharField(label=_("Address"), required=False, max_length=200),
        }  # fmt: skip

    def problems(self) -> Options:
        """Return the problem types by sector, those that fit the source only."""
        source = getattr(self, "_source", None) or self._typed_source()
        kind = source.kind if source is not None else ""
        grouped: dict[str, list[tuple[str, str]]] = {}
        for t in self._catalogue.fitting(source_kind=kind):
            grouped.setdefault(t.sector, []).append((t.code, t.title))
        if source is not None and source.sector in grouped:  # what it is most likely comes first
            grouped = {source.sector: grouped.pop(source.sector), **grouped}
        return [("", _("choose")), *((SECTORS[s].title, rows) for s, rows in grouped.items())]

    def _typed_source(self) -> Source | None:
        given = self.data.get("source") if self.is_bound else self.initial.get("source")
        self._source = find_source(self._sources, given or "")
        return self._source

    def clean_source(self) -> Source | None:
        """Return the source of the number."""
        text = self.cleaned_data["source"].strip()
        found = find_source(self._sources, text)
        if text and found is None:
            raise forms.ValidationError(
                _("There is no source {number} that you see.").format(number=text)
            )
        return found

    def clean_found_at(self) -> datetime:
        """Refuse what lies ahead."""
        found: datetime = self.cleaned_data["found_at"]
        if found > self._now:
            raise forms.ValidationError(_("The problem cannot have been seen in the future."))
        return found

    def clean(self) -> dict[str, Any]:
        """Ask for the number and both deadlines of an order from above."""
        data = super().clean()
        if not any(data.get(k) for k in ("lon", "territory", "source")) and not self.errors:
            self.add_error("territory", _("Say where: a position, a source or a territory."))
        names = ("external_number", "external_due", "own_due")
        if data.get("channel") in TABLE.channels and TABLE.channels[data["channel"]].order:
            for name in names:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("An inspection from above comes with this."))
        elif any(data.get(n) for n in names):
            self.add_error(
                "external_number",
                _("Only an inspection from above has these; choose that channel, or empty them."),
            )
        own, above = data.get("own_due"), data.get("external_due")
        if own and above and own > above:
            self.add_error("own_due", _("Our own deadline is not later than theirs."))
        return data


class PublicForm(Placed):
    """A problem reported by anybody."""

    def __init__(
        self, data: QueryDict | None = None, *, catalogue: Catalogue, now: datetime
    ) -> None:
        self._catalogue, self._now = catalogue, now
        super().__init__(data, initial={"found_at": now})

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        known = self._catalogue.types
        return {
            "problem": forms.ChoiceField(
                label=_("What is it? *"),
                choices=[("", _("choose")), *((c, known[c].title) for c in CHOICES if c in known)],
            ),
            "description": forms.CharField(
                label=_("What did you see? *"), min_length=5, max_length=1000,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=_(
                    "Do not write here who you are: those you complain of may read this text."
                ),
            ),
            "found_at": moment_field(_("When? *"), required=True),
            "place": forms.CharField(label=_("Where, in words *"), max_length=120),
            "territory": forms.ChoiceField(
                label=_("Town or county"), required=False,
                choices=[("", _("by the position")), *_territories(("county", "town"))],
            ),
            **self.position(),
            "reporter_name": forms.CharField(label=_("Your name"), required=False, max_length=80),
            "reporter_phone": forms.CharField(label=_("Your phone"), required=False, max_length=32),
            # people do not see it; what fills it in is a program
            "website": forms.CharField(
                label=_("Leave this empty"), required=False, max_length=200,
                widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
            ),
        }  # fmt: skip

    def clean_found_at(self) -> datetime:
        """Refuse what lies ahead."""
        found: datetime = self.cleaned_data["found_at"]
        if found > self._now:
            raise forms.ValidationError(_("The problem cannot have been seen in the future."))
        if found < self._now - timedelta(days=DAYS_BACK):
            raise forms.ValidationError(
                _("That is more than {n} days ago: ring the hotline.").format(n=DAYS_BACK)
            )
        return found

    def clean_website(self) -> str:
        """Refuse what a program filled in."""
        found: str = self.cleaned_data["website"]
        if found:
            raise forms.ValidationError(_("Leave this field empty, and send it again."))
        return found

    def clean(self) -> dict[str, Any]:
        """Ask for a position or a town."""
        data = super().clean()
        if data.get("lon") is None and not data.get("territory") and not self.errors:
            self.add_error("territory", _("Choose the town, or give the position."))
        return data


def find_source(reach: Reach, number: str) -> Source | None:
    """Return a source a person sees by its number."""
    number = number.strip()
    return reach.sources().filter(number__iexact=number).first() if number else None


def _territories(levels: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    rows = Territory.objects.filter(level__in=levels) if levels else Territory.objects.all()
    return list(rows.values_list("code", "name"))
