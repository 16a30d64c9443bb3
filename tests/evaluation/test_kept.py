"""The kept daily table equals judging the store anew, whatever happened to the store."""

from __future__ import annotations

import ast
import importlib.util
import logging
import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.evaluation import kept_days
from lantian.evaluation.kept import KeptDays
from lantian.evaluation.kept_rules import MAKING
from lantian.observations.reading import Selection
from lantian.observations.schema import TIME
from lantian.observations.store import Store
from lantian.standards import Settings

START = datetime(2026, 2, 25, 16, tzinfo=UTC)  # local midnight of 26 February
DAYS = 5
STATIONS = ("a", "b")
PARAMETERS = ("pm25", "pm10", "o3", "ws")
WHO = {"actor": "test"}
WHY = {"actor": "test", "reason": "test"}


def rows(seed: int, first: int = 0, days: int = DAYS, share: float = 0.95) -> pl.DataFrame:
    """Return hours of the days from ``first`` on; with episodes beyond the O3 limit."""
    rng = np.random.default_rng(seed)
    labels = [START + timedelta(hours=24 * first + h + 1) for h in range(24 * days)]
    frame = pl.DataFrame(
        [
            {"station": s, "parameter": p, "period": "1h", "time": t, "value": v, "unit": "µg/m³"}
            for s in STATIONS
            for p in PARAMETERS
            for t, v in zip(labels, np.round(rng.gamma(2, 50, len(labels)), 0), strict=True)
        ],
        schema_overrides={"time": TIME},
    )
    return frame.filter(pl.Series(rng.random(frame.height) < share))


def dust(*events: tuple[int, int, str | None]) -> pl.DataFrame | None:
    """Return sand-dust events from one hour to another after the start."""
    if not events:
        return None
    return pl.DataFrame(
        [
            {
                "start": START + timedelta(hours=a),
                "end": START + timedelta(hours=a + length),
                "decision": f"no. {i}",
                "station": station,
            }
            for i, (a, length, station) in enumerate(events)
        ],
        schema={"start": TIME, "end": TIME, "decision": pl.String, "station": pl.String},
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.create(tmp_path / "store", zone="Asia/Shanghai")
    store.append(rows(1), calibre="realtime", **WHO)
    return store


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The months judged whole."""
    done: list[str] = []
    judge = kept_days.whole_month

    def counted(store: Store, month: str, how: kept_days.How) -> pl.DataFrame:
        done.append(month)
        return judge(store, month, how)

    monkeypatch.setattr(kept_days, "whole_month", counted)
    return done


def one(days: tuple[date, date] | None = None) -> Selection:
    bounds = ev.local_days(*(days or (None, None)), "Asia/Shanghai")
    return replace(bounds, stations=("a",), parameters=("pm25",), calibre="realtime")


# -- random histories

_hour = st.integers(1, 24 * DAYS)
_steps = st.one_of(
    st.tuples(st.just("import"), st.integers(0, 5), st.integers(0, DAYS), st.integers(1, 3)),
    st.tuples(st.just("audit"), st.integers(0, 5), st.integers(0, DAYS), st.integers(1, 3)),
    st.tuples(st.just("correct"), st.sampled_from(PARAMETERS), _hour, st.integers(0, 900)),
    st.tuples(st.just("exclude"), st.sampled_from(PARAMETERS), _hour, st.integers(1, 30)),
    st.tuples(st.just("restore"), st.sampled_from(PARAMETERS), _hour, st.integers(1, 60)),
    st.tuples(st.just("undo"), st.integers(1, 6)),
    st.tuples(st.just("dust"), _hour, st.integers(1, 30), st.sampled_from([None, "a"])),
    st.tuples(st.just("calm")),
    st.tuples(st.just("setting"), st.booleans()),
    st.tuples(st.just("forget")),
    st.tuples(st.just("delete")),
)  # fmt: skip


class World:
    """A store, what is kept of it, and the rules in force."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.create(folder / "store", zone="Asia/Shanghai")
        self.kept = KeptDays(self.store, folder / "derived")
        self.settings = Settings.default()
        self.events: list[tuple[int, int, str | None]] = []

    def do(self, step: tuple) -> None:  # type: ignore[type-arg]
        with suppress(DomainError):  # nothing to correct, undone already: also a history
            getattr(self, step[0])(*step[1:])

    def check(self) -> None:
        for events in (None, dust(*self.events)):
            for edition in ("auto", "2012"):
                expected = ev.daily_from_store(
                    self.store, Selection(calibre="prefer-audited"), edition=edition,
                    settings=self.settings, dust=events,
                )  # fmt: skip
                found = self.kept.days(
                    calibre="prefer-audited", edition=edition, settings=self.settings, dust=events
                )
                assert found.equals(expected)
                assert found.schema == expected.schema
            self.check_indexed(events)

    def check_indexed(self, events: pl.DataFrame | None) -> None:
        days = date(2026, 2, 26), date(2026, 3, 10)
        rules = {"calibre": "prefer-audited", "settings": self.settings, "dust": events}
        found = self.kept.indexed(*days, edition="2026-final", **rules)
        judged = self.kept.days(*days, edition="2026-final", **rules)
        assert found.equals(judged.select(found.columns))

    def _import(self, calibre: str, seed: int, first: int, days: int) -> None:
        self.store.append(rows(seed, first, days), calibre=calibre, **WHO)  # type: ignore[arg-type]

    def audit(self, seed: int, first: int, days: int) -> None:
        self._import("audited", seed, first, days)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name == "import":  # a word no method can have
            return lambda seed, first, days: self._import("realtime", seed, first, days)
        raise AttributeError(name)

    def correct(self, parameter: str, hour: int, value: int) -> None:
        at = START + timedelta(hours=hour)
        self.store.correct("a", parameter, at, float(value), calibre="realtime", **WHY)

    def _some(self, parameter: str, hour: int, length: int) -> Selection:
        at = START + timedelta(hours=hour)
        return Selection(("a",), (parameter,), at, at + timedelta(hours=length), calibre="realtime")

    def exclude(self, parameter: str, hour: int, length: int) -> None:
        self.store.exclude(self._some(parameter, hour, length), **WHY)

    def restore(self, parameter: str, hour: int, length: int) -> None:
        self.store.restore(self._some(parameter, hour, length), **WHY)

    def undo(self, batch: int) -> None:
        self.store.undo(batch, cascade=True, **WHY)

    def dust(self, hour: int, length: int, station: str | None) -> None:
        self.events.append((hour, length, station))

    def calm(self) -> None:
        self.events = self.events[1:]

    def setting(self, value: bool) -> None:
        self.settings = replace(self.settings, o3_exemption=value, o3_1h_max_min_hours=12)

    def forget(self) -> None:
        """Go on as a process that has only just begun."""
        self.store = Store.open(self.folder / "store")
        self.kept = KeptDays(self.store, self.folder / "derived")

    def delete(self) -> None:
        for path in (self.folder / "derived").rglob("*.days"):
            path.unlink()


@given(steps=st.lists(_steps, min_size=1, max_size=8), look=st.integers(1, 3))
@hypothesis(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_kept_equals_judged_anew_after_any_history(
    steps: list[tuple],  # type: ignore[type-arg]
    look: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    world.do(("import", 0, 0, DAYS))
    world.check()
    for number, step in enumerate(steps):
        world.do(step)
        if number % look == 0:
            world.check()
    world.check()


# -- what is done again, and what is not


def test_a_correction_judges_its_day_and_no_other(
    store: Store, tmp_path: Path, whole: list[str]
) -> None:
    kept = KeptDays(store, tmp_path / "derived")
    before = kept.days()
    assert whole == ["2026-02", "2026-03"]
    store.correct("a", "pm25", START + timedelta(hours=30), 900.0, **WHY)
    after = kept.days()
    assert whole == ["2026-02", "2026-03"]  # neither was judged whole again
    changed = after.join(before, on=before.columns, how="anti", nulls_equal=True)
    assert changed.select("station", "date").rows() == [("a", date(2026, 2, 27))]
    assert after.equals(ev.daily_from_store(store))


def test_another_process_takes_what_is_kept(store: Store, tmp_path: Path, whole: list[str]) -> None:
    expected = KeptDays(store, tmp_path / "derived").days()
    other = KeptDays(Store.open(store.path), tmp_path / "derived")
    del whole[:]
    assert other.days().equals(expected)
    assert whole == []


def test_a_large_import_judges_the_month_whole(
    store: Store, tmp_path: Path, whole: list[str]
) -> None:
    kept = KeptDays(store, tmp_path / "derived")
    kept.days()
    del whole[:]
    store.append(rows(2, share=1.0), calibre="realtime", **WHO)
    assert kept.days().equals(ev.daily_from_store(store))
    assert whole == ["2026-02", "2026-03"]


def test_other_rules_are_other_days(store: Store, tmp_path: Path, whole: list[str]) -> None:
    kept = KeptDays(store, tmp_path / "derived")
    kept.days()
    del whole[:]
    strict = replace(Settings.default(), o3_exemption=False)
    expected = ev.daily_from_store(store, settings=strict)
    assert kept.days(settings=strict).equals(expected)
    assert whole == ["2026-02", "2026-03"]


def test_days_and_stations_are_chosen_as_from_the_store(store: Store, tmp_path: Path) -> None:
    kept = KeptDays(store, tmp_path / "derived")
    chosen = ev.local_days(date(2026, 2, 28), date(2026, 3, 1), store.zone, stations=["b"])
    expected = ev.daily_from_store(store, chosen)
    assert kept.days(date(2026, 2, 28), date(2026, 3, 1), stations=["b"]).equals(expected)
    assert kept.extent() == (date(2026, 2, 26), date(2026, 3, 2))
    assert kept.stations().to_list() == ["a", "b"]


def test_an_empty_store_keeps_nothing(tmp_path: Path) -> None:
    empty = Store.create(tmp_path / "store", zone="Asia/Shanghai")
    kept = KeptDays(empty, tmp_path / "derived")
    assert kept.days().equals(ev.daily_from_store(empty))
    assert kept.extent() is None
    assert kept.stations().is_empty()


# -- what is on the disk is never trusted


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "words", "header"])
def test_a_damaged_file_is_made_anew_and_said(
    store: Store, tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = KeptDays(store, tmp_path / "derived").days()
    path = tmp_path / "derived" / "daily" / "realtime" / "2026-02.days"
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(
        {
            "cut": data[:middle],
            "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
            "empty": b"",
            "words": b"not a table at all",
            "header": b"[1, 2]\n" + data.partition(b"\n")[2],
        }[harm]
    )
    with caplog.at_level(logging.WARNING):
        assert KeptDays(store, tmp_path / "derived").days().equals(expected)
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    caplog.clear()
    KeptDays(store, tmp_path / "derived").days()
    assert caplog.records == []  # it was mended


def test_a_folder_that_cannot_be_written_only_costs_time(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "derived").write_text("a file where the folder should be")
    assert KeptDays(store, tmp_path / "derived").days().equals(ev.daily_from_store(store))
    assert caplog.records


def test_what_is_kept_of_another_store_is_not_believed(store: Store, tmp_path: Path) -> None:
    KeptDays(store, tmp_path / "derived").days()
    other = Store.create(tmp_path / "other", zone="Asia/Shanghai")
    other.append(rows(7), calibre="realtime", **WHO)
    found = KeptDays(other, tmp_path / "derived").days()
    assert found.equals(ev.daily_from_store(other))


def test_a_store_put_back_to_an_earlier_state_is_noticed(store: Store, tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415 - used here only

    shutil.copytree(store.path, tmp_path / "copy")
    store.correct("a", "pm25", START + timedelta(hours=30), 900.0, **WHY)
    KeptDays(store, tmp_path / "derived").days()
    back = Store.open(tmp_path / "copy")
    back.correct("b", "pm25", START + timedelta(hours=50), 800.0, **WHY)
    found = KeptDays(back, tmp_path / "derived").days()
    assert found.equals(ev.daily_from_store(back))


def _days(store: str, derived: str) -> int:
    return KeptDays(Store.open(store), Path(derived)).days().height


def test_processes_make_it_side_by_side(store: Store, tmp_path: Path) -> None:
    arguments = [(str(store.path), str(tmp_path / "derived"))] * 2
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        heights = pool.starmap(_days, arguments)
    assert heights == [ev.daily_from_store(store).height] * 2


def test_memory_is_bounded(store: Store, tmp_path: Path) -> None:
    kept = KeptDays(store, tmp_path / "derived", budget=1)
    assert kept.days().equals(ev.daily_from_store(store))
    assert len(kept._held) == 1


def test_the_code_that_makes_days_is_all_looked_at() -> None:
    """Whatever the judging of a month imports of these rooms is part of what it is known by."""
    rooms = ("lantian.evaluation.", "lantian.standards")
    known, waiting = set(), ["lantian.evaluation.kept"]
    while waiting:
        module = waiting.pop()
        if module in known:
            continue
        known.add(module)
        source = Path(importlib.import_module(module).__file__ or "").read_text("utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                waiting += [n for n in names if n.startswith(rooms) and _is_module(n)]
    # what says which statistics a period has makes no day
    spared = {"lantian.standards", "lantian.standards.statistics"}
    assert known - spared <= set(MAKING)


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # a name in a module, not a module in a package
        return False
