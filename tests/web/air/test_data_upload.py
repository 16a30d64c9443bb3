"""Files sent by people: checked first, then landed as shown, or nothing."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lantian.network import Network
from lantian.observations import imports
from lantian.web.air import mappings, upload_jobs, uploads
from lantian.web.audit.models import Event
from tests.web.air.data_world import (
    CHOICES,
    HOUR,
    STATION,
    Sign,
    fresh,
    land,
    own,  # noqa: F401 - a fixture
    row,
    send,
    table,
    zipped,
)

pytestmark = pytest.mark.django_db


def values(network: Network, parameter: str = "pm25") -> dict[object, object]:
    """Return hour → stored value of the station of the tests."""
    found = network.home.store.read(
        start=HOUR - timedelta(hours=2), end=HOUR + timedelta(hours=9),
        stations=(STATION,), parameters=(parameter,),
    )  # fmt: skip
    return dict(found.select("time", "value").iter_rows())


def batches(network: Network) -> int:
    return network.home.store.batches().height


def test_what_the_check_shows_is_what_lands(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    hours = fresh(own)
    before = batches(own)
    old = values(own)
    shown = send(
        client, table([row(hours[0], 333), row(hours[1], old[hours[1]]), row(hours[2], 334)])
    )
    page = client.get(shown).content.decode()
    assert batches(own) == before
    assert values(own) == old
    report = uploads.find(shown.rstrip("/").rpartition("/")[2]).report
    assert report is not None
    assert report["changed"] >= 2
    assert "Ready to be taken in" in page
    said = land(client, shown)
    assert f"Batch {before + 1}" in said
    batch = own.home.store.batch(before + 1)
    assert batch is not None
    assert (batch.rows_new, batch.rows_changed, batch.rows_same) == (
        report["new"], report["changed"], report["same"],
    )  # fmt: skip
    assert values(own)[hours[0]] == 333
    event = Event.objects.get(action="data.imported")
    assert batch.event == event.pk
    assert batch.actor == event.actor_name
    assert f"/air/data/history/{before + 1}/undo/" in said


def test_the_same_files_again_change_nothing(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    content = table([row(h, 300 + n) for n, h in enumerate(fresh(own))])
    land(client, send(client, content))
    count = batches(own)
    page = client.get(send(client, content)).content.decode()
    assert "Nothing would change" in page
    assert batches(own) == count


BAD = {
    "time": table([f"{STATION},2026-13-45 08:00,40,50", row(HOUR, 40)]),
    "future": table([row(HOUR + timedelta(days=900), 40)]),
    "unknown station": table([row(HOUR, 40, station="nobody")]),
    "no table": b"hello,world\n1,2\n",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_lands_nothing_and_says_where(
    own: Network, sign_in: Sign, kind: str  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    before = batches(own), own.home.store.stations_mark()
    shown = send(client, BAD[kind])
    page = client.get(shown).content.decode()
    assert "a.csv" in page
    listed = client.get(f"{shown}bad.csv")
    assert listed.status_code == 200
    assert len(b"".join(listed.streaming_content).splitlines()) >= 2
    refused = client.post(f"{shown}land/")
    assert refused.status_code == 400
    assert (batches(own), own.home.store.stations_mark()) == before


def test_the_good_rows_only(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    hours = fresh(own, 24)
    shown = send(
        client, table([*(row(h, 321, 500) for h in hours), f"{STATION},2026-11-31 08:00,4,5"])
    )
    assert client.post(f"{shown}land/").status_code == 400
    land(client, shown, skip="1")
    assert values(own)[hours[0]] == 321


def test_a_doubt_is_accepted_by_who_has_looked(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    shown = send(client, table([row(h, 321, 120) for h in fresh(own, 30)]))
    assert "import.swapped_columns" not in client.get(shown).content.decode()
    assert 'name="accept"' in client.get(shown).content.decode()
    assert client.post(f"{shown}land/", {"skip": "1"}).status_code == 400
    client.post(f"{shown}check/", {**CHOICES, "accept": "1"})
    land(client, shown)
    assert values(own)[HOUR] == 321


def test_nothing_good_is_nothing_to_take(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    shown = send(client, table([row(HOUR + timedelta(days=900), 40)]))
    assert client.post(f"{shown}land/", {"skip": "1"}).status_code == 400
    assert batches(own) == 1


def test_another_batch_meanwhile_shows_again(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    hour = fresh(own)[0]
    shown = send(client, table([row(hour, 310)]))
    own.home.store.correct(STATION, "pm25", hour, 50.0, actor="other", reason="meanwhile",
                           clock=own.now)  # fmt: skip
    count = batches(own)
    said = land(client, shown)
    assert "has changed since" in said
    assert batches(own) == count
    assert Event.objects.filter(action="data.not_landed").count() == 1
    land(client, shown)
    assert values(own)[hour] == 50.0  # held back: the correction stands


def test_a_batch_elsewhere_does_not_matter(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    hours = fresh(own, 3)
    shown = send(client, table([row(hours[0], 310)]))
    own.home.store.correct("9905S", "so2", hours[2] + timedelta(hours=5), 9.0, actor="other",
                           reason="elsewhere", clock=own.now)  # fmt: skip
    land(client, shown)
    assert values(own)[hours[0]] == 310


def test_unknown_stations_are_entered_with_their_network(
    own: Network, sign_in: Sign  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    shown = send(client, table([row(HOUR, 40, station="N1")]), network="新网")
    page = client.get(shown).content.decode()
    assert "N1" in page
    land(client, shown)
    register = own.home.store.stations()
    assert register is not None
    assert register.filter(pl.col("station") == "N1")["network"].to_list() == ["新网"]
    assert own.home.store.station_versions()[-1].event is not None


def test_a_corrected_mapping_is_kept_for_the_next_file(
    own: Network, sign_in: Sign  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    header = "点位,采样,甲,乙"
    content = table([row(HOUR, 311, 222)], header)
    shown = send(client, content)
    page = client.get(f"{shown}mapping/0/").content.decode()
    assert "甲" in page
    wrong = client.post(f"{shown}mapping/0/", {"role-0": "station", "role-2": "value:pm25"})
    assert wrong.status_code == 400
    answer = client.post(f"{shown}mapping/0/", {
        "role-0": "station", "role-1": "time:datetime", "role-2": "value:pm25",
        "role-3": "value:pm10", "unit-2": "", "unit-3": "", "period": "1h", "label": "end",
    })  # fmt: skip
    assert answer.status_code == 302
    assert "Ready to be taken in" in client.get(shown).content.decode()
    assert len(mappings.known()) == 1
    again = send(client, table([row(HOUR, 312, 223)], header), name="b.csv")
    assert "Ready to be taken in" in client.get(again).content.decode()
    land(client, again)
    assert values(own)[HOUR] == 312


def test_archives_are_unpacked_with_distrust(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    hours = fresh(own, 2)
    tables = [table([row(hours[0], 301)]), table([row(hours[1], 302)])]
    good = zipped({"../../x/a.csv": tables[0], "d/b.csv": tables[1], "readme.md": b"no"})
    shown = send(client, good, "two.zip")
    kept = uploads.find(shown.rstrip("/").rpartition("/")[2])
    assert [f["name"] for f in kept.files] == ["a.csv", "b.csv"]
    assert all(p.resolve().is_relative_to(kept.folder.resolve()) for p in kept.paths())
    land(client, shown)
    assert values(own)[hours[1]] == 302
    assert not any(p.exists() for p in kept.paths())


@pytest.mark.parametrize("name", ["bomb.zip", "broken.zip", "empty.zip", "a.exe"])
def test_what_is_no_data_is_refused(own: Network, sign_in: Sign, name: str) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    content = {
        "bomb.zip": zipped({"a.csv": b"0" * 200 * 1024**2}),
        "broken.zip": zipped({"a.csv": b"1"})[:30],
        "empty.zip": zipped({"a.exe": b"1"}),
        "a.exe": b"MZ",
    }[name]
    answer = client.post(
        "/air/data/upload/", {**CHOICES, "files": SimpleUploadedFile(name, content)}
    )
    assert answer.status_code == 400
    assert name in answer.content.decode()
    assert list((own.home.path / "uploads").glob("*")) == []


def test_too_large_is_refused_before_it_is_read(
    own: Network, sign_in: Sign, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    del own
    monkeypatch.setattr(uploads, "limit_bytes", lambda: 1024)
    client = sign_in("dispatcher")
    answer = client.post("/air/data/upload/", b"x" * (2 * 1024**2), content_type="text/plain")
    assert answer.status_code == 400
    assert "larger than" in answer.content.decode()


def test_a_dead_process_is_found_and_the_work_resumed(
    own: Network, sign_in: Sign, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    shown = send(client, table([row(HOUR, 330)]))
    token = shown.rstrip("/").rpartition("/")[2]
    uploads.save(uploads.find(token), phase="checking")  # and nobody holds the lock
    assert "interrupted" in client.get(shown).content.decode()
    client.post(f"{shown}check/", {"resume": "1"})
    assert uploads.find(token).phase == "checked"

    class Killed(BaseException):
        """What a kill looks like from inside."""

    real = imports.run

    def landed_then_killed(*args: object, **kwargs: object) -> object:
        real(*args, **kwargs)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(imports, "run", landed_then_killed)
    with pytest.raises(Killed):
        client.post(f"{shown}land/")
    monkeypatch.setattr(imports, "run", real)
    count = batches(own)
    assert values(own)[HOUR] == 330
    client.post(f"{shown}check/", {"resume": "1"})
    done = uploads.find(token)
    assert (done.phase, done.batch, batches(own)) == ("landed", count, count)


def test_a_second_start_does_not_run_beside_the_first(
    own: Network, sign_in: Sign  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    shown = send(client, table([row(HOUR, 330)]))
    found = uploads.find(shown.rstrip("/").rpartition("/")[2])
    count = batches(own)
    with uploads.lock(found):
        page = client.get(shown).content.decode()
        assert 'hx-trigger="every 1s"' in page
        client.post(f"{shown}land/")
        assert client.post(f"{shown}discard/").status_code == 400
    assert batches(own) == count


def test_old_uploads_go(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    shown = send(client, table([row(HOUR, 330)]))
    found = uploads.find(shown.rstrip("/").rpartition("/")[2])
    uploads.expire(own.now() + timedelta(hours=23))
    assert found.folder.exists()
    uploads.expire(own.now() + timedelta(hours=25))
    assert not found.folder.exists()
    assert client.get(shown).status_code == 404


def test_a_token_leads_nowhere_else(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    outside = own.home.path / "uploads" / ("a" * 22)
    outside.mkdir(parents=True)
    state = uploads.Upload("a" * 22, 1, "x", own.now().isoformat(), [], purpose="stations")
    (outside / "state.json").write_text(json.dumps(dataclasses.asdict(state)))
    assert client.get(f"/air/data/upload/{'a' * 22}/").status_code == 404
    assert client.get("/air/data/upload/..%2F..%2Fstore/").status_code == 404


@pytest.mark.parametrize("role", ["inspector", "leader", "auditor", "town_officer", "grid_member"])
def test_only_those_who_may_change_data_send_files(
    own: Network, sign_in: Sign, role: str  # noqa: F811
) -> None:  # fmt: skip
    del own
    client = sign_in(role)
    for address in ("/air/data/upload/", f"/air/data/upload/{'a' * 22}/", "/air/data/exclude/"):
        assert client.get(address).status_code == 403, address
    assert client.post("/air/data/upload/", {}).status_code == 403


def test_work_on_an_upload_ends_though_the_program_fails(
    own: Network, sign_in: Sign, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    del own

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(upload_jobs.imports, "run", broken)
    client = sign_in("dispatcher")
    shown = send(client, table([row(HOUR, 330)]))
    assert "Something went wrong" in client.get(shown).content.decode()
