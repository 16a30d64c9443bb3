"""The air of one network: every question pages, reports and interfaces ask, answered once."""

from __future__ import annotations

from datetime import date

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.periods import By, year_before
from lantian.i18n import active
from lantian.network import ranking
from lantian.network.foundation import Names, listed
from lantian.network.hours import Hours
from lantian.network.ranking import Ranking
from lantian.observations.layout import CalibreChoice
from lantian.standards import edition as known_edition

# By date and by the confirmed method: what most pages ask first. Statistics are the same under all
# editions and methods, so the others start from it.
_COMMON = ("auto", "sum_equal_2012")


class Network(Hours):
    """The air of one home; one for a process, for all its threads.

    Answers are kept in memory until a value they stand on, the register, a dust decision or a
    setting changes, whichever process changes it. Frames are shared: they must not be changed.

    Parameters
    ----------
    home
        Whose air it is.
    clock
        Gives the present [UTC].
    """

    def days(
        self,
        start: date,
        end: date,
        *,
        stations: Names = None,
        edition: str = "auto",
        calibre: CalibreChoice | None = None,
        dust: bool = True,
    ) -> pl.DataFrame:
        """Return the daily table (:func:`lantian.evaluation.daily`) of some local days.

        Parameters
        ----------
        dust
            Deduct sand-dust by the decisions in force.
        """
        ev.any_span(start, end)
        basis = self._basis.read()
        names, chosen = listed(stations), self._calibre(calibre)
        key = ("days", self._stamp(basis, start, end), start, end, names, edition, chosen, dust)

        def work() -> pl.DataFrame:
            return self._kept.days(
                start,
                end,
                stations=names,
                calibre=chosen,
                edition=edition,
                settings=basis.settings,
                dust=basis.dust if dust else None,
            )

        return self._once(key, work)

    def aqi_by_edition(
        self,
        start: date,
        end: date,
        *,
        stations: Names = None,
        calibre: CalibreChoice | None = None,
        dust: bool = True,
    ) -> pl.DataFrame:
        """Return ``station, date`` and ``aqi_<edition>`` of each edition, for the days given."""
        basis = self._basis.read()
        names, chosen = listed(stations), self._calibre(calibre)
        key = ("aqi", self._stamp(basis, start, end), start, end, names, chosen, dust)
        return self._once(
            key,
            lambda: self._kept.aqi_by_edition(
                start, end, stations=names, calibre=chosen,
                settings=basis.settings, dust=basis.dust if dust else None,
            ),
        )  # fmt: skip

    def city_days(
        self,
        start: date,
        end: date,
        *,
        edition: str = "auto",
        calibre: CalibreChoice | None = None,
        dust: bool = True,
    ) -> pl.DataFrame:
        """Return the daily table of the cities: the mean of their assessed stations (HJ 663)."""
        basis = self._basis.read()
        chosen = self._calibre(calibre)
        key = ("city", self._stamp(basis, start, end), start, end, edition, chosen, dust)

        def work() -> pl.DataFrame:
            assessed = self.stations().filter("assessed")
            days = self.days(start, end, edition=edition, calibre=chosen, dust=dust)
            mine = days.filter(pl.col("station").is_in(assessed["station"].implode()))
            return ev.city(mine, assessed, edition=edition, settings=basis.settings)

        return self._once(key, work)

    def periods(
        self,
        span: ev.Span,
        *,
        by: By | None = None,
        edition: str = "auto",
        method: str = "sum_equal_2012",
        cities: bool = False,
        stations: Names = None,
        calibre: CalibreChoice | None = None,
        dust: bool = True,
    ) -> pl.DataFrame:
        """Return the statistics (:func:`lantian.evaluation.period`) of a span.

        A span that still runs is judged to its last whole day, as rankings and reports are.

        Parameters
        ----------
        by
            Divide it into these; None: the span as one period.
        """
        past = ev.so_far(span, self.now(), self.zone)
        basis = self._basis.read()
        names, chosen = listed(stations), self._calibre(calibre)
        stamp = self._stamp(basis, past.start, past.end)
        key = ("periods", stamp, past, by, edition, method, cities, names, chosen, dust)

        def work() -> pl.DataFrame:
            given = {"edition": edition, "calibre": chosen, "dust": dust}
            if cities:
                days = self.city_days(past.start, past.end, **given)  # type: ignore[arg-type]
            elif by is None and (edition, method) != _COMMON:
                return self._judged_anew(past, edition, method, names, chosen, dust=dust)
            elif edition == "auto":
                days = self.days(past.start, past.end, stations=names, calibre=chosen, dust=dust)
            else:
                days = self._kept.indexed(
                    past.start, past.end, edition=edition, stations=names, calibre=chosen,
                    settings=basis.settings, dust=basis.dust if dust else None,
                )  # fmt: skip
            return ev.period(
                days, by=by or (past.start, past.end), edition=edition, method=method,
                settings=basis.settings, judged=True,
            )  # fmt: skip

        return self._once(key, work)

    def _judged_anew(
        self,
        span: ev.Span,
        edition: str,
        method: str,
        names: tuple[str, ...] | None,
        calibre: CalibreChoice | None,
        *,
        dust: bool,
    ) -> pl.DataFrame:
        """Return the statistics of one period from those under the common edition and method."""
        common, usual = _COMMON
        given = {"stations": names, "calibre": calibre, "dust": dust}
        table = self.periods(span, edition=common, method=usual, **given)  # type: ignore[arg-type]
        settings = self._basis.read().settings
        if edition == common:
            return ev.composite_anew(table, method=method)
        days = self.aqi_by_edition(span.start, span.end, **given)  # type: ignore[arg-type]
        aqi = days.select("station", pl.col(f"aqi_{known_edition(edition).id}").alias("aqi"))
        return ev.judged_anew(table, aqi, edition=edition, method=method, settings=settings)

    def ranking(
        self,
        span: ev.Span,
        *,
        edition: str = "auto",
        method: str = "sum_equal_2012",
        key: str = "composite_index",
        group: str | None = "kind",
        cities: bool = False,
        calibre: CalibreChoice | None = None,
        dust: bool = True,
        previous: bool = True,
    ) -> Ranking:
        """Rank the stations or cities of a span; see :class:`Ranking`.

        Parameters
        ----------
        group
            ``kind``, ``town`` or ``city``: ranked apart; None: all together. Cities always are.
        previous
            Compare with the same days a year before, judged by the same edition.
        """
        past = ev.so_far(span, self.now(), self.zone)
        before = year_before(past) if previous else None
        stamps = tuple(self.stamp(s.start, s.end) for s in (past, before) if s)
        asked = ranking.Asked(
            edition, method, key, group, cities, self._calibre(calibre), dust, previous
        )
        return self._once(
            ("ranking", stamps, past, span, asked, active()),
            lambda: ranking.ranking_of(self, span, past, before, asked),
        )
