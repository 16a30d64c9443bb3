"""Are the data by which cases are judged in order? For the doctor."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from lantian.errors import DomainError
from lantian.home.clock import clock_of
from lantian.home.findings import Finding
from lantian.home.layout import Home
from lantian.i18n import gettext as _
from lantian.web.cases import catalogue_versions, ladder
from lantian.web.cases.catalogue import in_force

_SHOWN = 3  # errors of a catalogue that are named


def findings(home: Home) -> list[Finding]:
    """Check the catalogue of problem types and the ladder of escalation."""
    return [_catalogue(home), _ladder(home)]


def _catalogue(home: Home) -> Finding:
    title = _("Catalogue of problem types")
    try:
        today = clock_of(home)().astimezone(ZoneInfo(home.zone)).date()
        catalogue = in_force(catalogue_versions.versions(home.path), today)
    except DomainError as error:
        fix = _("Do what the message says; no case can be opened until then.")
        return Finding("cases.catalogue", "fail", title, error.message, fix)
    wrong = catalogue_versions.errors(home.path)
    if wrong:
        places = [f"{p.where()}: {p.message}" for p in wrong[0].problems[:_SHOWN]]
        return Finding(
            "cases.catalogue",
            "fail",
            title,
            " ".join([wrong[0].message, "; ".join(places)]),
            _("Correct the file; until then version {version} stays in force.").format(
                version=catalogue.version
            ),
        )
    text = _("version {version}, {n} problem types").format(
        version=catalogue.version, n=len(catalogue.types)
    )
    return Finding("cases.catalogue", "ok", title, text)


def _ladder(home: Home) -> Finding:
    title = _("Ladder of escalation")
    try:
        rungs = ladder.load(home.path).rungs
    except DomainError as error:
        fix = _("Correct {file} in the home.").format(file=ladder.FILE.as_posix())
        return Finding("cases.ladder", "fail", title, error.message, fix)
    return Finding("cases.ladder", "ok", title, " → ".join(rung.title for rung in rungs))
