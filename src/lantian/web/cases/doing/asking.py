"""What the form of an action asks for, made from the table and the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from lantian.i18n import gettext as _
from lantian.web.cases import queries
from lantian.web.cases.actions.acting import day_of
from lantian.web.cases.actions.correcting import LENGTHS, fixed
from lantian.web.cases.catalogue import ProblemType
from lantian.web.cases.doing.offers import Offer, post_words
from lantian.web.cases.doing.people import seers
from lantian.web.cases.intake.forms import Moment
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE, Action
from lantian.web.core import clock
from lantian.web.core.forms import Sentences
from lantian.web.duties.models import Organisation
from lantian.web.places.models import Territory

_TEXT = 2000  # signs
_REMARKS = frozenset({"finish", "pass", "look_back", "close"})
_OPENING = frozenset({"open"})
_SOURCES = 40  # similar ones that are offered, the nearest
Choices = list[tuple[Any, str]]


class ActionForm(Sentences):
    """What a person writes and chooses to do an action; files are kept apart from it."""

    def __init__(
        self, case: Case, offer: Offer, problem: ProblemType, rules: Rules,
        *args: Any, **kwargs: Any,  # noqa: ANN401 - as Django's forms take them
    ) -> None:  # fmt: skip
        self.case, self.offer, self.problem, self.rules = case, offer, problem, rules
        super().__init__(*args, **kwargs)

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name, in the order of the form."""
        action = self.offer.action
        made: dict[str, forms.Field] = {}
        if len(self.offer.doers) > 1:
            posts: Choices = [(d.post.pk, post_words(d)) for d in self.offer.doers]
            made["post"] = _one(_("You act as"), posts)
        made |= self._special(action)
        if len(action.outcomes) > 1:
            outcomes: Choices = [(o, TABLE.outcomes[o].title) for o in action.outcomes]
            made["outcome"] = _one(_("Outcome"), outcomes)
        if "reason" in action.needs or action.code in _REMARKS:
            made["reason"] = forms.CharField(
                label=_reason(action), max_length=_TEXT, required="reason" in action.needs,
                widget=forms.Textarea(attrs={"rows": 4}),
            )  # fmt: skip
        if action.code == "comment":
            made["mentions"] = self._people()
        if "condition" in action.needs:
            said = self.problem.opening if action.code in _OPENING else self.problem.closing
            made["condition"] = forms.BooleanField(label=said, required=True)
        if self.offer.ended:
            made["sure"] = forms.BooleanField(label=_sure(action), required=True)
        return made

    def clean(self) -> dict[str, Any]:
        """Settle which case a duplicate goes to."""
        data = super().clean() or {}
        if self.offer.action.code == "merge":
            named = data.get("target_code", "").strip() or data.get("target", "")
            if not named:
                self.add_error("target_code", _("Choose a case, or give its number."))
            data["target"] = named
        return data

    def _special(self, action: Action) -> dict[str, forms.Field]:
        make = {
            "verify": self._verify, "open": self._open, "merge": self._merge,
            "return": self._owner, "reassign": self._owner, "ask_extension": self._until,
            "suspend": self._review, "sweep": self._sources, "correct": self._corrections,
        }.get(action.code)  # fmt: skip
        return make() if make is not None else {}

    def _verify(self) -> dict[str, forms.Field]:
        options: Choices = [("yes", _("It is as reported")), ("no", _("It is not as reported"))]
        return {"confirmed": _one(_("What was reported"), options)}

    def _open(self) -> dict[str, forms.Field]:
        return self._judged(required=True)

    def _judged(self, *, required: bool) -> dict[str, forms.Field]:
        kind = "" if self.case.source is None else self.case.source.kind
        catalogue = self.rules.in_force(day_of(clock.now()))
        types: Choices = [(t.code, t.title) for t in catalogue.fitting(source_kind=kind)]
        if self.case.problem not in dict(types):
            types.insert(0, (self.case.problem, self.problem.title))
        severities: Choices = [("general", _("general")), ("serious", _("serious"))]
        return {
            "problem": forms.ChoiceField(
                label=_("Problem type"), choices=types, initial=self.case.problem,
                required=required,
            ),
            "severity": _one(
                _("Severity (serious: two signatures before it is closed)"), severities,
                initial=self.case.severity,
            ),
        }  # fmt: skip

    def _merge(self) -> dict[str, forms.Field]:
        case = self.case
        found = queries.duplicates(
            case.problem, case.found_at, lon=case.lon, lat=case.lat, source=case.source,
            besides=case,
        )  # fmt: skip
        made: dict[str, forms.Field] = {}
        if found:
            options: Choices = [(d.case.code, _duplicate(d)) for d in found]
            made["target"] = _one(_("Cases that may be the same"), options, required=False)
        made["target_code"] = forms.CharField(
            label=_("Another case, by its number") if found else _("The case that goes on"),
            required=False, max_length=14,
            widget=forms.TextInput(attrs={"placeholder": "2026-0042", "inputmode": "text"}),
        )  # fmt: skip
        return made

    def _owner(self) -> dict[str, forms.Field]:
        day = day_of(clock.now())
        rows = Organisation.objects.filter(valid_from__lte=day).exclude(valid_to__lt=day)
        rows = rows.exclude(kind="enterprise").exclude(pk=self.case.lead_id or 0)
        names: Choices = [("", "—"), *rows.values_list("pk", "name")]
        return {
            "owner": forms.ChoiceField(
                label=_("The unit that should answer"), choices=names,
                initial=self.case.proposed_owner_id,
            )
        }  # fmt: skip

    def _until(self) -> dict[str, forms.Field]:
        return {"until": _moment(_("Until when"))}

    def _review(self) -> dict[str, forms.Field]:
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return {"review_on": forms.DateField(label=_("Day of the review"), widget=day)}

    def _sources(self) -> dict[str, forms.Field]:
        found = queries.similar_sources(self.case)[:_SOURCES]
        options: Choices = [
            (s.number, f"{s.name} · {s.territory.name} · {s.number}") for s in found
        ]
        return {"sources": _several(_("Sources of the same kind, the nearest first"), options)}

    def _people(self) -> forms.Field:
        but = self.offer.doers[0].user if self.offer.doers else None
        options: Choices = [
            (u.pk, f"{u.name} · {role}")
            for u, role in seers(self.case, day_of(clock.now()), but=but)
        ]
        return _several(_("Tell them (people who see the case)"), options, required=False)

    def _corrections(self) -> dict[str, forms.Field]:
        case, row = self.case, _several_lines
        made: dict[str, forms.Field] = {
            "title": _line(_("Title"), case.title, LENGTHS["title"], required=True),
            "description": row(_("Description"), case.description),
            "place": _line(_("Place"), case.place, LENGTHS["place"]),
            "lon": _degrees(_("Longitude [°E]"), case.lon, 180),
            "lat": _degrees(_("Latitude [°N]"), case.lat, 90),
            "found_at": _moment(_("Seen at"), case.found_at),
            "external_number": _line(
                _("Number of the order from above"), case.external_number,
                LENGTHS["external_number"],
            ),
            "external_due": _moment(_("Its deadline"), case.external_due, required=False),
            "own_due": _moment(_("Our own deadline"), case.own_due, required=False),
            "territory": forms.ChoiceField(
                label=_("Territory"), choices=list(Territory.objects.values_list("code", "name")),
                initial=case.territory.code,
            ),
            "source": _line(
                _("Number of the source"), "" if case.source is None else case.source.number, 20
            ),
            **self._judged(required=True),
        }  # fmt: skip
        position = fixed(case, "position")
        gone = {n for n in made if n not in ("lon", "lat") and fixed(case, n)}
        gone |= {"lon", "lat"} if position else set()
        return {n: f for n, f in made.items() if n not in gone}


def _reason(action: Action) -> str:
    found: Mapping[str, str] = {
        "verify": _("What was found on site"), "fail": _("What was found on site"),
        "relapse": _("What was found on site"), "pass": _("What was found on site (optional)"),
        "look_back": _("What was found on site (optional)"),
        "report": _("How far it has come"), "finish": _("What was done (optional)"),
        "close": _("Remark (optional)"), "comment": _("Comment"),
        "return": _("Why it is not for your unit"),
    }  # fmt: skip
    return found.get(action.code, _("Reason"))


def _sure(action: Action) -> str:
    if action.code == "close":
        return _("I have looked at the evidence and the re-inspection; the case is closed by this.")
    return _("I know that the case ends with this and does not come back.")


def _duplicate(found: queries.Duplicate) -> str:
    where = (
        _("same source") if found.metres is None else _("{n} m away").format(n=round(found.metres))
    )
    hours = _("seen {n} h apart").format(n=round(found.hours))
    state = TABLE.states[found.case.state].title
    return " · ".join((found.case.code, found.case.title, state, where, hours))


def _one(
    label: str, choices: Choices, *, initial: Any = None, required: bool = True  # noqa: ANN401
) -> forms.Field:  # fmt: skip
    return forms.ChoiceField(
        label=label, choices=choices, required=required, widget=forms.RadioSelect, initial=initial
    )


def _several(label: str, choices: Choices, *, required: bool = True) -> forms.Field:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple
    )


def _line(label: str, value: str, most: int, *, required: bool = False) -> forms.Field:
    return forms.CharField(label=label, initial=value, max_length=most, required=required)


def _several_lines(label: str, value: str) -> forms.Field:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, initial=value, required=False, widget=area, max_length=_TEXT
    )


def _degrees(label: str, value: float | None, most: int) -> forms.Field:
    return forms.FloatField(
        label=label, initial=value, required=False, min_value=-most, max_value=most,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip


def _moment(label: str, value: object = None, *, required: bool = True) -> forms.Field:
    return Moment(label=label, initial=value, required=required)
