"""What a form or a row says of one source: taken as values, or told field by field what is wrong.

Forms, files and the demo go through here, so that they agree on every rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.datum import Datum, find_datum
from lantian.web.duties.models import Organisation
from lantian.web.sources import geometry, lifecycle, values
from lantian.web.sources.credit_code import credit_code
from lantian.web.sources.hours import working_hours
from lantian.web.sources.kinds import Kind
from lantian.web.sources.locating import Gazetteer
from lantian.web.sources.models import Source, Status
from lantian.web.sources.words import (
    ATTRIBUTE,
    MEASURE,
    find_grade,
    find_sector,
    find_status,
)

_LENGTHS = {"name": 80, "address": 120, "permit_number": 40, "approval_number": 40}
_NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_OF_DATUM = ("sources.no_datum", "datum.unknown")
_SAME = 1e-6  # ° within which a position is the one stored


@dataclass(frozen=True)
class Fault:
    """Something wrong with one field.

    Parameters
    ----------
    value
        What it says; None: nothing.
    """

    field: str
    code: str
    message: str
    value: str | None


class Checker:
    """Reads the cells of sources against the territories and organisations there are.

    Parameters
    ----------
    datum
        Of positions whose row does not say theirs; None: they must.
    today
        A measure cannot have been in place later than this day.
    """

    def __init__(
        self, places: Gazetteer, organisations: Mapping[str, list[Organisation]],
        datum: Datum | None, today: date,
    ) -> None:  # fmt: skip
        self.places = places
        self.organisations = organisations
        self.datum = datum
        self.today = today

    @classmethod
    def load(cls, datum: Datum | None, today: date) -> Checker:
        """Return one that knows what the database holds; two queries."""
        organisations: dict[str, list[Organisation]] = {}
        for one in Organisation.objects.all():
            organisations.setdefault(one.name, []).append(one)
        return cls(Gazetteer.load(), organisations, datum, today)

    def check(
        self, cells: Mapping[str, str | None], kind: Kind, stored: Source | None
    ) -> tuple[dict[str, Any], list[Fault]]:
        """Return the fields of the source after the cells are taken, and what is wrong with them.

        Parameters
        ----------
        cells
            Texts by field; a field that is not there keeps what is stored, an empty one is emptied.
        """
        work = _Checking(self, cells, kind, stored)
        return work.run(), work.faults


class _Checking:
    def __init__(
        self, known: Checker, cells: Mapping[str, str | None], kind: Kind, stored: Source | None
    ) -> None:
        self.known = known
        self.cells = {f: (t or "").strip() for f, t in cells.items()}
        self.kind = kind
        self.stored = stored
        self.faults: list[Fault] = []
        self.made: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        source = self.stored or Source(kind=self.kind.code, sector=self.kind.sector)
        self.made = {
            f: getattr(source, f)
            for f in (
                "name", "sector", "status", "lon", "lat", "datum", "boundary", "address",
                "credit_code", "permit_number", "grade", "working_hours", "stacks", "contacts",
                "approval_number", "approved_on",
            )
        }  # fmt: skip
        self.made["territory"] = source.territory if self.stored is not None else None
        self.made["organisation"] = source.organisation if self.stored is not None else None
        self.made["attributes"] = dict(source.attributes)
        self.made["measures"] = dict(source.measures)
        self._texts()
        self._words()
        self._parts()
        self._attributes()
        self._place()
        self._territory()
        self._project()
        self._status()
        return self.made

    def _try(self, field: str, read: Callable[[str], Any], *, empty: Any = "") -> None:  # noqa: ANN401
        """Take a field as ``read`` gives it, ``empty`` for nothing."""
        if field not in self.cells:
            return
        text = self.cells[field]
        try:
            self.made[field] = read(text) if text else empty
        except DomainError as error:
            self._object(field, error)

    def _object(self, field: str, error: DomainError) -> None:
        self.faults.append(Fault(field, error.code, error.message, self.cells.get(field) or None))

    def _fault(self, field: str, code: str, message: str) -> None:
        self._object(field, InvalidArgumentError(f"sources.{code}", message))

    def _texts(self) -> None:
        for field, most in _LENGTHS.items():
            text = self.cells.get(field)
            if text is None:
                continue
            if len(text) > most:
                message = _("The text has {n} characters; {most} are kept.")
                self._fault(field, "too_long", message.format(n=len(text), most=most))
            else:
                self.made[field] = text
        if not self.made["name"] and not any(f.field == "name" for f in self.faults):
            self._fault("name", "no_name", _("The source needs a name."))

    def _words(self) -> None:
        self._try("credit_code", credit_code)
        self._try("working_hours", working_hours)
        self._try("grade", lambda t: _known(find_grade(t), "grade", t))
        self._try(
            "sector", lambda t: _known(find_sector(t), "sector", t), empty=self.kind.sector
        )  # fmt: skip
        self._try("organisation", self._organisation, empty=None)
        self._try("approved_on", values.day, empty=None)

    def _organisation(self, text: str) -> Organisation:
        found = self.known.organisations.get(text, [])
        if len(found) == 1:
            return found[0]
        message = (
            _("Several organisations are called “{name}”.")
            if found
            else _("There is no organisation “{name}”; enter it under Duties first.")
        )
        raise InvalidArgumentError("sources.no_organisation", message.format(name=text))

    def _parts(self) -> None:
        self._try("contacts", values.contacts, empty=[])
        self._try("stacks", values.stacks, empty=[])
        if self.made["stacks"] and not self.kind.stacks:
            self._fault("stacks", "no_stacks", _("Sources of this kind have no stacks."))

    def _attributes(self) -> None:
        kept = self.made["attributes"]
        for attribute in self.kind.attributes:
            field = f"{ATTRIBUTE}{attribute.code}"
            text = self.cells.get(field)
            try:
                if text:
                    kept[attribute.code] = values.attribute_value(attribute, text)
                elif text is not None:
                    kept.pop(attribute.code, None)
            except DomainError as error:
                self._object(field, error)
                continue
            if attribute.required and attribute.code not in kept:
                message = _("{field} is needed of a {kind}.")
                self._fault(
                    field, "required",
                    message.format(field=attribute.title, kind=self.kind.title),
                )  # fmt: skip

    def _datum(self) -> Datum:
        text = self.cells.get("datum", "")
        datum = find_datum(text) if text else self.known.datum
        if datum is None:
            raise InvalidArgumentError(
                "sources.no_datum",
                _("Say in which datum the place is: WGS84, CGCS2000, GCJ-02 or BD-09."),
            )
        return datum

    def _place(self) -> None:
        drawn = self.cells.get("boundary")
        if drawn is not None and drawn != self._stored_extent():
            try:
                self.made["boundary"] = (
                    geometry.extent(drawn, self._datum(), self.kind.shapes) if drawn else None
                )
                if drawn:
                    self.made["datum"] = self._datum()
                    if not self.cells.get("lon") and not self.cells.get("lat"):
                        lon, lat = geometry.middle(self.made["boundary"])
                        self.made |= {"lon": lon, "lat": lat}
                        return
            except DomainError as error:
                self._object("boundary", error)
        if "lon" in self.cells or "lat" in self.cells:
            self._position()

    def _position(self) -> None:
        lon, lat = self.cells.get("lon", ""), self.cells.get("lat", "")
        if not lon and not lat:
            drawn = self.made["boundary"]
            x, y = geometry.middle(drawn) if drawn else (None, None)
            self.made |= {"lon": x, "lat": y}
            return
        if not lon or not lat:
            self._fault(
                "lat" if lon else "lon", "half_a_place",
                _("Give longitude and latitude, or neither."),
            )  # fmt: skip
            return
        field = "lon"
        try:
            x = values.number(lon)
            field = "lat"
            y = values.number(lat)
            if self._as_stored(x, y):
                return
            field = "lon"
            datum = self._datum()
            x, y = geometry.position(x, y, datum)
        except DomainError as error:
            self._object("datum" if error.code in _OF_DATUM else field, error)
            return
        self.made |= {"lon": x, "lat": y, "datum": datum}

    def _as_stored(self, lon: float, lat: float) -> bool:
        old = self.stored
        if old is None or old.lon is None or old.lat is None:
            return False
        return abs(old.lon - lon) <= _SAME and abs(old.lat - lat) <= _SAME

    def _stored_extent(self) -> str:
        boundary = self.stored.boundary if self.stored is not None else None
        return as_text(boundary)

    def _territory(self) -> None:
        named = self.cells.get("territory")
        lon, lat = self.made["lon"], self.made["lat"]
        place = None if lon is None or lat is None else (lon, lat)
        moved = self.stored is None or place != (self.stored.lon, self.stored.lat)
        try:
            if named:
                self.made["territory"] = self.known.places.named(named)
                if place is not None:
                    self.known.places.check_within(self.made["territory"], *place)
            elif place is not None and (moved or named == ""):
                self.made["territory"] = self.known.places.holding(*place)
        except DomainError as error:
            self._object("territory" if named else "lon", error)
            return
        missing = self.made["territory"] is None or (named == "" and place is None)
        if missing and not any(f.field in ("lon", "lat", "datum", "boundary") for f in self.faults):
            self._fault(
                "territory", "no_place",
                _("Name the territory, or give a position in one whose boundary is entered."),
            )  # fmt: skip

    def _project(self) -> None:
        """Take the days on which the measures required of a project were in place."""
        asked = find_status(self.cells.get("status", ""))
        if asked == Status.PLANNED and self.stored is None:
            self.made["measures"] = {w.code: None for w in self.kind.measures}
        kept = self.made["measures"]
        for word in self.kind.measures:
            field = f"{MEASURE}{word.code}"
            text = self.cells.get(field)
            if text is None or (not text and word.code not in kept):
                continue
            if word.code not in kept:
                message = _("Only a source entered as a planned project has measures required.")
                self._fault(field, "not_planned", message)
                continue
            try:
                done = values.day(text) if text else None
                if done is not None and done > self.known.today:
                    raise InvalidArgumentError(
                        "sources.in_the_future",
                        _("{day} is still to come; enter the day it was found in place.").format(
                            day=done
                        ),
                    )
                kept[word.code] = None if done is None else done.isoformat()
            except DomainError as error:
                self._object(field, error)

    def _status(self) -> None:
        text = self.cells.get("status")
        if text:
            wanted = find_status(text)
            if wanted is None:
                self._fault("status", "no_status", _("“{text}” is no status.").format(text=text))
                return
            self.made["status"] = wanted.value
        if self.made["status"] != Status.PLANNED and self.stored is None:
            if self.made["status"] == Status.CLOSED:
                self._fault("status", "closed_at_once", _("A new source is not closed."))
            return
        if self.stored is None:
            self._planned()
        elif self.made["status"] != self.stored.status:
            try:
                lifecycle.check(
                    self.stored.status, self.made["status"], self.made["measures"], self.kind,
                    by_hand=False,
                )  # fmt: skip
            except DomainError as error:
                self._object("status", error)

    def _planned(self) -> None:
        if not self.kind.measures:
            message = _("A {kind} is not entered as a planned project; a construction site is.")
            self._fault("status", "never_planned", message.format(kind=self.kind.title))
        for field in ("approval_number", "approved_on"):
            if not self.made[field] and not any(f.field == field for f in self.faults):
                message = _("A planned project needs the number and the day of its approval.")
                self._fault(field, "no_approval", message)


def number_fault(text: str) -> Fault | None:
    """Return what is wrong with the number of a source; None: nothing."""
    if _NUMBER.fullmatch(text):
        return None
    message = _(
        "“{text}” is no number of a source: up to 32 letters, figures, . _ and -, with a figure "
        "among them."
    )
    return Fault("number", "sources.bad_number", message.format(text=text), text)


def as_text(boundary: Mapping[str, Any] | None) -> str:
    """Return an extent as the text a form shows and takes back."""
    return "" if boundary is None else json.dumps(boundary, separators=(",", ":"))


def _known(found: str | None, what: str, text: str) -> str:
    if found is None:
        message = {
            "grade": _("“{text}” is no performance grade; there are A, B, C, D, leading."),
            "sector": _("“{text}” is no sector."),
        }[what]
        raise InvalidArgumentError(f"sources.no_{what}", message.format(text=text))
    return found
