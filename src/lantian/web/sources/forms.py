"""The form of a source, made from what is kept of its kind, and that of its status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from lantian.i18n import gettext as _
from lantian.observations.datum import DATUMS
from lantian.web.core.forms import Sentences
from lantian.web.duties.models import Organisation
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory
from lantian.web.sources.checking import Fault, as_text
from lantian.web.sources.exporting import PERMITS, contacts_text, stacks_text
from lantian.web.sources.kinds import GRADES, Attribute, Kind, titles
from lantian.web.sources.models import Source, Status
from lantian.web.sources.words import ATTRIBUTE, MEASURE, label, status_word

_NEW = (Status.OPERATING, Status.PLANNED, Status.STOPPED)
_NONE = ("", "—")
_PROJECT = ("approval_number", "approved_on")


class SourceForm(Sentences):
    """One source; what its texts mean is checked as that of files is."""

    def __init__(
        self, kind: Kind, *args: Any, new: bool, **kwargs: Any  # noqa: ANN401 - Django's own
    ) -> None:  # fmt: skip
        self.kind = kind
        self.new = new
        super().__init__(*args, **kwargs)

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name, those of the kind behind the others."""
        kind = self.kind
        made: dict[str, forms.Field] = {"name": _line(label("name"), 80, required=True)}
        if self.new:
            statuses = [s for s in _NEW if s != Status.PLANNED or kind.measures]
            made["status"] = _choice(label("status"), [(s, status_word(s)) for s in statuses])
        made["sector"] = _choice(label("sector"), [(s.code, s.title) for s in SECTORS.values()])
        names = Organisation.objects.filter(valid_to__isnull=True).values_list("name", flat=True)
        made["organisation"] = _choice(label("organisation"), [_NONE, *((n, n) for n in names)])
        made["address"] = _line(label("address"), 120)
        if kind.permits:
            made["credit_code"] = _line(
                label("credit_code"), 40, _("18 characters; the last one is checked (GB 32100).")
            )
            made["permit_number"] = _line(label("permit_number"), 40)
            made["grade"] = _choice(label("grade"), [_NONE, *titles(list(GRADES.values()))])
        made["working_hours"] = _line(
            label("working_hours"), 120, _("Such as 1-6 08:00-18:00 (Monday is 1), or 24h.")
        )
        made |= self._where()
        made |= {f"{ATTRIBUTE}{a.code}": _field(a) for a in kind.attributes}
        if kind.stacks:
            made["stacks"] = _area(
                label("stacks"), _("One a line: name/height/diameter in metres, DA001/45/1.2.")
            )
        made["contacts"] = _area(label("contacts"), _("One a line: name/duty/telephone."))
        if kind.measures:
            made["approval_number"] = _line(label("approval_number"), 40)
            made["approved_on"] = _day(label("approved_on"))
            if not self.new:
                made |= {f"{MEASURE}{w.code}": _day(w.title) for w in kind.measures}
        return made

    def _where(self) -> dict[str, forms.Field]:
        places = Territory.objects.values_list("code", "name")
        by_place = ("", _("by the position"))
        return {
            "lon": _line(_("Longitude [°E]"), 20),
            "lat": _line(_("Latitude [°N]"), 20),
            "datum": _choice(
                _("Datum of the position"), [_NONE, *((d, d) for d in DATUMS)],
                _("Kept in WGS84. Amap and Tencent use GCJ-02, Baidu BD-09."),
            ),
            "territory": _choice(label("territory"), [by_place, *((c, n) for c, n in places)]),
            "boundary": _area(
                label("boundary"),
                _("A GeoJSON geometry; empty: a place without extent."),
            ),
        }  # fmt: skip

    def sections(self) -> list[tuple[str, list[Any]]]:
        """Return the fields with a heading for each group of them."""
        where = ("lon", "lat", "datum", "territory", "boundary")
        rest = ("stacks", "contacts")
        project = [f for f in self.fields if f in _PROJECT or f.startswith(MEASURE)]
        own = [f for f in self.fields if f.startswith(ATTRIBUTE)]
        first = [f for f in self.fields if f not in (*where, *rest, *project, *own)]
        groups = [
            (_("Basics"), first), (self.kind.title, own), (_("Where it is"), list(where)),
            (_("Stacks and contacts") if self.kind.stacks else _("Contacts"),
             [f for f in rest if f in self.fields]),
            (_("Approved project"), project),
        ]  # fmt: skip
        return [(heading, [self[f] for f in fields]) for heading, fields in groups if fields]

    def cells(self) -> dict[str, str]:
        """Return the texts of a form that is valid, by field."""
        return {
            f: "; ".join(v) if isinstance(v, list) else str(v or "")
            for f, v in self.cleaned_data.items()
        }

    def tell(self, faults: Sequence[Fault]) -> None:
        """Show what is wrong at its fields."""
        for fault in faults:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)


def initial(source: Source) -> dict[str, Any]:
    """Return a stored source as its form shows it."""
    found: dict[str, Any] = {
        f: getattr(source, f)
        for f in ("name", "sector", "address", "working_hours", "grade", *PERMITS[:2],
                  *_PROJECT, "lon", "lat")
    }  # fmt: skip
    found |= {
        "organisation": source.organisation.name if source.organisation else "",
        "territory": source.territory.code,
        "datum": "WGS84" if source.lon is not None else "",
        "boundary": as_text(source.boundary),
        "stacks": stacks_text(source.stacks).replace("; ", "\n"),
        "contacts": contacts_text(source.contacts).replace("; ", "\n"),
    }
    for code, value in source.attributes.items():
        shown = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        found[f"{ATTRIBUTE}{code}"] = shown
    return found | {f"{MEASURE}{c}": v for c, v in source.measures.items()}


def _field(attribute: Attribute) -> forms.Field:
    named = f"{attribute.label} *" if attribute.required else attribute.label
    several = titles(attribute.choices)
    if attribute.type == "choices":
        return forms.MultipleChoiceField(
            label=named, choices=several, required=False, widget=forms.CheckboxSelectMultiple
        )
    if attribute.type == "choice":
        return _choice(named, [_NONE, *several])
    if attribute.type == "yes_no":
        return _choice(named, [_NONE, ("yes", _("yes")), ("no", _("no"))])
    if attribute.type == "date":
        return _day(named)
    return _line(named, 200, attribute.hint)


def _line(name: str, most: int, hint: str = "", *, required: bool = False) -> forms.Field:
    return forms.CharField(
        label=f"{name} *" if required else name, max_length=most, help_text=hint,
        required=required,
    )  # fmt: skip


def _area(name: str, hint: str) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=name, required=False, help_text=hint, widget=widget)


def _choice(name: str, choices: Sequence[tuple[str, str]], hint: str = "") -> forms.Field:
    return forms.ChoiceField(label=name, choices=choices, required=False, help_text=hint)


def _day(name: str) -> forms.Field:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.CharField(label=name, required=False, widget=widget)
