"""What answers look like: the shape of OpenAQ's version 3, with what judges a value added."""

from __future__ import annotations

from typing import Generic, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field

Result = TypeVar("Result")


class Strict(Schema):
    """A part of an answer: what is not described here is not in it."""

    model_config = ConfigDict(extra="forbid")


class Meta(Strict):
    """What was answered."""

    name: str = Field(description="Name of the network.")
    simulated: bool = Field(description="True: nothing in it was measured.")
    page: int
    limit: int
    found: int = Field(description="Results of all pages together.")


class Instant(Strict):
    """A moment, twice."""

    utc: str = Field(description="2026-11-01T01:00:00Z")
    local: str = Field(description="The same in the zone of the network, with its offset.")


class Period(Strict):
    """What time a value stands for."""

    label: str = Field(description="1hour, 1day, or the label of the period, e.g. 2026-10.")
    interval: str = Field(description="Its length, h:mm:ss.")
    datetimeFrom: Instant  # noqa: N815 - names of OpenAQ
    datetimeTo: Instant  # noqa: N815


class Coverage(Strict):
    """How much of what was expected stands behind a value."""

    expectedCount: int | None = Field(  # noqa: N815
        description="Hours of a day, windows of a day of ozone, stations of a city, days of a "
        "period, pollutants of an index."
    )
    observedCount: int | None  # noqa: N815
    percentComplete: float | None  # noqa: N815


class FlagInfo(Strict):
    """Marks of a value."""

    hasFlags: bool  # noqa: N815
    flags: list[str] = Field(
        description="Marks of the source and of quality control; `suspect` and `invalid` for the "
        "grade of an hour, `insufficient` for a statistic of too few values, `dust_deducted`, "
        "`missing:<p>`."
    )


class Parameter(Strict):
    """What is measured or computed."""

    name: str
    units: str
    displayName: str  # noqa: N815


class Named(Strict):
    """A station or, where cities are asked for, a city."""

    id: str
    name: str


class Value(Strict):
    """One value with what it stands on."""

    station: Named
    parameter: Parameter
    value: float | None = Field(description="Null where the rule of validity is not met.")
    period: Period
    coverage: Coverage
    flagInfo: FlagInfo  # noqa: N815
    calibre: str | None = Field(description="realtime or audited.")


class Hourly(Value):
    """An hourly value as it is stored."""

    grade: str = Field(description="valid, suspect (counts) or invalid (never counts).")
    source: str
    recorded: str = Field(description="When this revision was stored [UTC].")


class Judged(Value):
    """A value that an edition of the standards judged."""

    edition: str | None


class Now(Judged):
    """A value of the newest hour."""

    iaqi: int | None
    category: str | None = Field(description="Of the AQI.")
    state: str | None = Field(description="ok, late, suspect, invalid or missing.")


class Daily(Judged):
    """A value of a day."""

    iaqi: int | None
    category: str | None = Field(description="Of the AQI.")


class Statistic(Judged):
    """A statistic of a period."""

    method: str | None = Field(description="Of the composite index.")
    attains: bool | None = Field(description="Grade II; null where no statistic or limit is.")


class Ranked(Judged):
    """A place in a ranking."""

    method: str
    rank: int | None = Field(description="1 is best; null: not ranked.")
    group: str | None = Field(description="What is ranked apart: kind, town or city.")
    reason: str | None = Field(description="Why it is not ranked.")
    rankPrevious: int | None = Field(description="A year before.")  # noqa: N815
    valuePrevious: float | None  # noqa: N815
    changePercent: float | None  # noqa: N815


class Coordinates(Strict):
    """WGS84."""

    latitude: float | None
    longitude: float | None


class Station(Strict):
    """A station of the register."""

    id: str
    name: str
    locality: str | None = Field(description="Town.")
    city: str | None
    kind: str
    control: bool = Field(description="A station of reference, in no mean of the city.")
    assessed: bool = Field(description="Counts in the means of its city.")
    owner: str | None
    timezone: str
    coordinates: Coordinates
    start: str | None
    end: str | None


class Stack(Strict):
    """A stack of a source."""

    name: str
    height: float = Field(description="m")
    diameter: float = Field(description="Inner [m].")


class Source(Strict):
    """A pollution source of the register."""

    number: str
    name: str
    kind: str
    status: str = Field(description="planned, operating, stopped or closed.")
    sector: str
    territory: str = Field(description="Code.")
    territory_name: str
    organisation: str
    lon: float | None = Field(description="WGS84 [°].")
    lat: float | None
    address: str
    credit_code: str
    permit_number: str
    grade: str = Field(description="Performance grade: A to D, leading, not_leading …")
    working_hours: str
    approval_number: str
    approved_on: str | None
    attributes: dict[str, str | float | bool | list[str]] = Field(
        description="Those of its kind, by code, in their units."
    )
    stacks: list[Stack]
    changed_at: str


class Page(Strict, Generic[Result]):
    """One page of results."""

    meta: Meta
    results: list[Result]


class Problem(Strict):
    """Why there is no answer; `error` never changes, `message` is for people."""

    error: str
    message: str
    data: dict[str, object]
