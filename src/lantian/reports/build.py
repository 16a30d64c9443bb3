"""Put the chapters of a report together, in the language in force."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from lantian.i18n import active, ngettext
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.data import ReportData
from lantian.reports.document import Document, Section, Tag
from lantian.reports.sections.calendar import calendar
from lantian.reports.sections.completeness import completeness
from lantian.reports.sections.diurnal import diurnal
from lantian.reports.sections.editions import editions
from lantian.reports.sections.headline import headline
from lantian.reports.sections.method import method
from lantian.reports.sections.ranking import ranking
from lantian.reports.sections.series import series
from lantian.reports.sections.wind import wind
from lantian.standards import METHODS


def build(data: ReportData) -> Document:
    """Return the report of a period as chapters of text, tables and drawings."""
    period = words.span_name(data.span)
    made = data.generated.astimezone(ZoneInfo(data.zone))
    sections: tuple[Section, ...] = (
        *headline(data), calendar(data), ranking(data), series(data), wind(data), diurnal(data),
        editions(data), completeness(data), method(data),
    )  # fmt: skip
    return Document(
        language="zh-CN" if active() == "zh" else "en",
        title=_("{network}: air quality, {period}").format(network=data.network, period=period),
        subtitle=_("{start} to {end}, {days} days").format(
            start=data.span.start, end=data.span.end, days=data.span.days
        ),
        brand=_("Lantian"),
        network=data.network,
        period=period,
        made=_("Made {time} ({zone})").format(time=f"{made:%Y-%m-%d %H:%M}", zone=data.zone),
        simulated=_("Simulated data 模拟数据") if data.simulated else "",
        tags=_tags(data),
        facts=_facts(data),
        sections=sections,
        contents=_("Contents"),
        page=_("Page {page} of {pages}"),
    )


def _tags(data: ReportData) -> tuple[Tag, ...]:
    return (
        Tag(words.edition_name(data.judged), "accent"),
        Tag(METHODS[data.method].title),
        Tag(words.calibre_name(data.calibre)),
    )


def _facts(data: ReportData) -> tuple[str, ...]:
    count = data.days["station"].n_unique()
    facts = [
        ngettext("{n} station", "{n} stations", count).format(n=count),
        _("{n} of them in the city mean").format(n=data.members().height),
        _("{n} hourly values").format(n=words.number(data.values)),
    ]
    if data.span != data.asked:
        facts.append(
            _("{period} still runs: judged to {day}").format(
                period=words.span_name(data.asked), day=data.span.end
            )
        )
    elif data.span.end >= data.generated.astimezone(ZoneInfo(data.zone)).date():
        facts.append(
            _("{period} still runs: judged by the hours there are").format(
                period=words.span_name(data.span)
            )
        )
    return tuple(facts)
