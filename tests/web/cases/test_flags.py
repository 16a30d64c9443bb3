"""What is strange about photographs stands beside them, and before who decides by them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from PIL import ExifTags, Image

from lantian.web.cases import queries
from lantian.web.cases.actions import Evidence
from lantian.web.cases.models import Case
from lantian.web.evidence import flags
from lantian.web.evidence.actions import store
from lantian.web.evidence.models import File, Use
from lantian.web.evidence.original import original
from lantian.web.evidence.queries import of_case
from lantian.web.evidence.said import Said, said_in
from tests.web.cases.test_doing import address, loop, send, signed  # noqa: F401 - fixtures
from tests.web.cases.world import World
from tests.web.evidence.files import sent
from tests.web.evidence.photos import cut, jpeg, scene

LON, LAT = 113.2, 36.5


@pytest.fixture
def placed(loop: World) -> World:  # noqa: F811
    type(loop.source).objects.filter(pk=loop.source.pk).update(lon=LON, lat=LAT)
    loop.source.refresh_from_db()
    return loop


def kept(data: bytes, world: World, at: datetime, said: Said | None = None) -> File:
    user = world.doer("town_officer", "lead").user
    return store(sent(data), user, at, said=said or Said(at, LON, LAT, 10.0))


def finished(world: World, *afters: File, **about: Any) -> Case:
    """Return a case whose rectification was reported with some photographs."""
    case = world.until("rectifying", source=world.source, **about)
    shown = [Evidence("photo_after", f.sha256) for f in afters]
    filler = [e for e in world.photos if e.kind == "photo_before"]
    filler += [e for e in world.photos if e.kind == "photo_after"]
    return world.do("finish", case, world.doer("town_officer", "lead"), evidence=[*shown, *filler])


def flags_of(case: Case) -> dict[str, list[flags.Flag]]:
    everybody = Case.objects.all()
    found = flags.known(
        case, of_case(case, everybody), queries.events_of([case]), everybody
    )  # fmt: skip
    return {key[0]: list(known.flags) for key, known in found.items()}


def test_a_photograph_of_another_case_is_flagged_even_when_it_was_cut(placed: World) -> None:
    photo = scene(3)
    first = kept(jpeg(photo), placed, placed.now)
    one = finished(placed, first)
    placed.now += timedelta(hours=30)
    second = kept(jpeg(cut(photo)), placed, placed.now + timedelta(hours=20))
    two = finished(placed, second, first)
    found = flags_of(two)
    (like,) = [f for f in found[second.sha256] if f.code == "reused"]
    assert (like.case, like.same) == (one, False)
    (same,) = [f for f in found[first.sha256] if f.code == "reused"]
    assert (same.case, same.same) == (one, True)
    assert not [f for f in flags_of(one)[first.sha256] if f.code == "reused"]
    assert Use.objects.filter(digest=first.sha256).count() == 2


def test_a_before_shown_again_as_after_is_flagged_in_its_own_case(placed: World) -> None:
    case = placed.until("rectifying", source=placed.source)
    file = kept(jpeg(scene(4)), placed, placed.now)
    placed.do("report", case, placed.doer("town_officer", "lead"),
              evidence=[Evidence("photo_before", file.sha256)])  # fmt: skip
    shown = [Evidence("photo_after", file.sha256), *placed.photos]
    placed.do("finish", case, placed.doer("town_officer", "lead"), evidence=shown)
    events = queries.events_of([case])
    found = flags.known(case, of_case(case, Case.objects.all()), events, Case.objects.all())
    by_kind = {key[1]: one for key, one in found.items()}
    assert by_kind["photo_before"].flags == ()
    assert [f.code for f in by_kind["photo_after"].flags] == ["reused"]


def test_an_after_taken_or_received_before_its_order_is_flagged(placed: World) -> None:
    exif = Image.Exif()
    moment = (placed.now - timedelta(days=30)).strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = moment
    early = kept(jpeg(scene(6)), placed, placed.now - timedelta(days=2))
    case = placed.until("rectifying", source=placed.source)
    claimed = kept(jpeg(scene(7), exif=exif), placed, placed.now)
    honest = kept(jpeg(scene(8)), placed, placed.now)
    shown = [Evidence("photo_after", f.sha256) for f in (early, claimed, honest)]
    placed.do("finish", case, placed.doer("town_officer", "lead"),
              evidence=[*shown, *placed.photos])  # fmt: skip
    found = flags_of(case)
    assert [(f.code, f.by) for f in found[early.sha256]] == [("stale", "server")]
    assert [(f.code, f.by) for f in found[claimed.sha256]] == [("stale", "file")]
    assert found[honest.sha256] == []


def test_far_and_nowhere_are_told_apart(placed: World) -> None:
    case = placed.until("rectifying", source=placed.source)
    far = kept(jpeg(scene(1)), placed, placed.now, Said(placed.now, LON + 0.01, LAT, 20.0))
    vague = kept(jpeg(scene(2)), placed, placed.now, Said(placed.now, LON + 0.01, LAT, 900.0))
    nowhere = kept(jpeg(scene(3)), placed, placed.now, Said(placed.now))
    shown = [Evidence("photo_after", f.sha256) for f in (far, vague, nowhere)]
    placed.do("finish", case, placed.doer("town_officer", "lead"),
              evidence=[*shown, *placed.photos])  # fmt: skip
    found = flags_of(case)
    (flag,) = found[far.sha256]
    # a hundredth of a degree of longitude at 36.5° N: 1111.95 m x cos 36.5° = 893.9 m
    assert (flag.code, flag.by) == ("far", "device")
    assert flag.metres == pytest.approx(893.9, abs=0.5)
    assert found[vague.sha256] == []
    assert [f.code for f in found[nowhere.sha256]] == ["no_position"]
    assert not found[nowhere.sha256][0].counted


def test_who_decides_is_told_and_who_may_not_know_is_not(
    placed: World, signed: Callable[..., Client],  # noqa: F811
) -> None:  # fmt: skip
    photo = scene(3)
    one = finished(placed, kept(jpeg(photo), placed, placed.now))
    later = kept(jpeg(cut(photo)), placed, placed.now)
    two = finished(placed, later)
    inspector = signed(placed.doer("inspector"))
    form = inspector.get(address(two, "pass")).content.decode()
    assert "1 photograph is flagged" in form
    assert 'name="device_at"' in form
    page = inspector.get(f"/cases/{two.code}/").content.decode()
    assert "The same photograph was used before, changed" in page
    assert f"/cases/{one.code}/#evidence" in page
    album = inspector.get(f"/cases/{two.code}/evidence/").content.decode()
    assert f"/cases/{one.code}/#evidence" in album
    assert "to 10 m" in album
    enterprise = signed(placed.doer("enterprise_officer", "enterprise"))
    seen = enterprise.get(f"/cases/{two.code}/")
    if seen.status_code == 200:
        assert "used before" not in seen.content.decode()
        assert one.code not in seen.content.decode()
    copy = inspector.get(f"/cases/{two.code}/evidence/{later.sha256}/?size=copy")
    assert copy.status_code == 200
    assert copy["Content-Type"] == "image/jpeg"
    wrong = inspector.get(f"/cases/{two.code}/evidence/{later.sha256}/?size=huge")
    assert wrong.status_code == 404


def test_a_form_says_of_its_device_only_what_makes_sense() -> None:
    whole = {"device_at": "2026-11-23T01:00:00.000Z", "device_lon": "113.2", "device_lat": "36.5",
             "device_accuracy": "12"}  # fmt: skip
    said = said_in(whole)
    assert (said.lon, said.lat, said.accuracy) == (113.2, 36.5, 12.0)
    assert said.at is not None
    for name, value in (("device_lon", "213"), ("device_lat", "nan"), ("device_accuracy", "-1")):
        assert said_in({**whole, name: value}).lon is None
    assert said_in({**whole, "device_at": "yesterday"}).at is None
    assert said_in({}) == Said()


def test_a_poor_line_is_a_setting(
    placed: World, signed: Callable[..., Client], settings: Any,  # noqa: F811
) -> None:  # fmt: skip
    case = placed.until("rectifying", source=placed.source)
    client = signed(placed.doer("town_officer", "lead"))
    assert "data-shrink" not in client.get(address(case, "finish")).content.decode()
    path = settings.HOME.path / "settings.toml"
    path.write_text(path.read_text() + '\n[evidence]\noriginal = "resize"\n')
    page = client.get(address(case, "finish")).content.decode()
    assert re.search(r'data-shrink="2048 390"', page)
    path.write_text(path.read_text().replace('"resize"', '"small"'))
    with pytest.raises(Exception, match="original"):
        original(settings.HOME.path)
