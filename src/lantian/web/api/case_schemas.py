"""What answers about cases, territories and problem types look like."""

from __future__ import annotations

from pydantic import Field

from lantian.web.api.schemas import Strict


class CaseClock(Strict):
    """The clock of the stage a case is in."""

    begun_at: str
    yellow_at: str
    due_at: str
    colour: str = Field(description="green, yellow from 80 % of the time on, red from its end on.")
    unit: str = Field(description="hours, working_hours, days or working_days.")
    provisional: bool = Field(description="The holidays of a day on the way are not known yet.")


class Case(Strict):
    """A case as lists have it; moments have the offset of the network."""

    code: str = Field(description="2026-0042")
    title: str
    problem: str = Field(description="Code of the problem type.")
    problem_title: str
    state: str
    severity: str = Field(description="general or serious.")
    medium: str
    sector: str
    channel: str
    territory: str = Field(description="Code.")
    territory_name: str
    source: str | None = Field(description="Number in the register.")
    source_name: str
    lead: str | None = Field(description="Code of the unit that answers; null before dispatch.")
    lead_name: str
    place: str
    lon: float | None = Field(description="WGS84 [°].")
    lat: float | None
    found_at: str
    taken_in_at: str
    opened_at: str | None
    ended_at: str | None
    outcome: str | None
    clock: CaseClock | None = Field(description="Null: none runs.")
    external_number: str | None = Field(description="Of an order from above.")
    external_due: str | None
    own_due: str | None
    review_on: str | None = Field(description="Of a suspended case.")
    look_back_on: str | None = Field(description="Of a closed case.")
    returns: int
    extensions: int
    failures: int = Field(description="Failed re-inspections.")
    reopenings: int
    version: int = Field(description="Number of its last event.")


class CaseUnit(Strict):
    """A unit that takes part."""

    unit: str = Field(description="Code, e.g. O-003.")
    name: str
    part: str = Field(description="lead, industry, supporting or subject.")


class CaseStep(Strict):
    """A stage with its clock."""

    stage: str
    begun_at: str
    yellow_at: str
    due_at: str
    first_due_at: str = Field(description="Before more time was granted.")
    ended_at: str | None
    rule: str
    provisional: bool


class CaseEvidence(Strict):
    """A piece of evidence."""

    kind: str
    digest: str = Field(description="SHA-256 of the file.")
    note: str


class CaseDone(Strict):
    """Something that was done to the case, or to one merged into it."""

    case: str
    number: int
    action: str
    title: str
    before: str
    after: str
    at: str
    actor: str = Field(description="Name at the time.")
    role: str | None
    unit: str | None = Field(description="Code.")
    reason: str
    evidence: list[CaseEvidence]
    data: dict[str, object]


class CaseComment(Strict):
    """Something that was said of the case."""

    at: str
    author: str
    text: str


class WholeCase(Case):
    """A case with all that happened to it."""

    description: str
    catalogue: str = Field(description="Version of the catalogue it goes by.")
    merged_into: str | None
    sweep_of: str | None
    parties: list[CaseUnit]
    because: list[str] = Field(description="Why these units answer.")
    steps: list[CaseStep]
    events: list[CaseDone]
    comments: list[CaseComment]


class WorkItem(Strict):
    """A case that waits for you."""

    due: str | None
    note: str
    actions: list[str] = Field(description="What you may do, the main one first.")
    case: Case


class Work(Strict):
    """Cases that wait for the same thing."""

    group: str
    title: str
    total: int
    late: int = Field(description="How many of them are overdue.")
    cases: list[WorkItem]


class Territory(Strict):
    """A territory of the tree."""

    code: str
    name: str
    level: str = Field(description="city, county, town, village or grid.")
    parent: str | None = Field(description="Code.")
    boundary: bool = Field(description="Whether format=geojson has its boundary.")


class Limit(Strict):
    """A time limit."""

    value: int
    unit: str


class ProblemType(Strict):
    """A problem type of the catalogue in force."""

    code: str
    zh: str
    en: str
    medium: str
    sector: str
    kinds: list[str] = Field(description="Kinds of sources it fits; none: any, or no source.")
    severity: str
    lead: str
    unit_zh: str
    unit_en: str
    opening_zh: str
    opening_en: str
    closing_zh: str
    closing_en: str
    evidence: dict[str, dict[str, int]] = Field(description="By action: pieces of each kind.")
    limits: dict[str, Limit] = Field(description="By stage.")
    catalogue: str = Field(description="Version.")
