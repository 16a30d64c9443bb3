"""A photograph that was used before is found, however it was changed; an honest one is not."""

from __future__ import annotations

import io
import time
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import ExifTags, Image

from lantian.web.evidence import folder, jobs, likes
from lantian.web.evidence.actions import store
from lantian.web.evidence.likeness import BYTES, look_of, unlikeness
from lantian.web.evidence.limits import LIMITS
from lantian.web.evidence.models import Claim, File, Likeness, Print
from tests.web.evidence.files import picture, sent
from tests.web.evidence.photos import brighter, cut, jpeg, scene
from tests.web.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty")]

CHANGED = {
    "written anew": lambda p: jpeg(p, 45),
    "cut": lambda p: jpeg(cut(p)),
    "brighter": lambda p: jpeg(brighter(p)),
    "smaller": lambda p: jpeg(p.resize((600, 450))),
    "all at once": lambda p: jpeg(brighter(cut(p, 0.04), 1.15), 60),
}


def keep(data: bytes) -> File:
    return store(sent(data), None, NOW)


@pytest.mark.parametrize("how", CHANGED)
@pytest.mark.parametrize("first", [True, False])
def test_a_changed_copy_is_found_whichever_came_first(how: str, first: bool) -> None:
    photo = scene(3)
    pair = [jpeg(photo, 92), CHANGED[how](photo)]
    for other in range(10, 14):
        keep(jpeg(scene(other)))
    a, b = (keep(data) for data in (pair if first else reversed(pair)))
    (found,) = Likeness.objects.all()
    assert {found.first, found.second} == {a, b}
    assert found.unlikeness <= LIMITS.likeness.unlikeness


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_before_and_after_from_one_spot_are_two_photographs(seed: int) -> None:
    keep(jpeg(scene(seed)))
    keep(jpeg(scene(seed, mended=True, noise=1)))
    assert not Likeness.objects.exists()


def test_two_exposures_of_one_moment_are_one_photograph() -> None:
    keep(jpeg(scene(5)))
    keep(jpeg(scene(5, noise=1)))
    assert Likeness.objects.count() == 1


def test_what_shows_nothing_is_like_nothing() -> None:
    for seed in (1, 2, 3):
        keep(picture(seed=seed))
    assert not Likeness.objects.exists()
    assert Print.objects.filter(plain=True).count() == 3


def test_what_is_left_is_told_from_nothing_to_all() -> None:
    photo = scene(8)
    grey = look_of(photo).grey
    assert unlikeness(grey, grey) < 0.01
    assert unlikeness(grey, look_of(scene(9)).grey) > 1


def test_pictures_kept_before_are_taken_up_by_the_job_and_those_of_one_moment_again() -> None:
    a, b = keep(jpeg(scene(3))), keep(jpeg(cut(scene(3))))
    Likeness.objects.all().delete()
    Print.objects.filter(file=b).delete()
    assert likes.waiting() == 1
    assert jobs.take_up(10) >= 1
    assert likes.waiting() == 0
    assert Likeness.objects.count() == 1
    # two that did not see each other: neither was settled
    Likeness.objects.all().delete()
    File.objects.update(at=NOW - timedelta(minutes=10))
    Print.objects.update(settled=False)
    jobs.take_up(10)
    assert Likeness.objects.count() == 1
    assert not Print.objects.filter(settled=False).exists()
    assert Print.objects.get(file=a).settled
    assert jobs.take_up(10) == 0


def test_near_ones_among_100_000_are_found_in_time() -> None:
    shelf, random = likes.Shelf(), np.random.default_rng(1)
    n = 100_000
    wanted = random.bytes(BYTES)
    shelf._keys = np.arange(1, n + 1)
    bits = np.frombuffer(random.bytes(n * BYTES), np.uint64).reshape(n, -1).copy()
    bits[4_711] = np.frombuffer(wanted, np.uint64)
    bits[4_711, 0] ^= np.uint64(2**12 - 1)  # 12 bits of 256 differ
    shelf._bits, shelf._of = bits, str(connection.settings_dict["NAME"])
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        # rows that are in memory only: those asked for again are gone from the database
        shelf._refresh = lambda: None  # type: ignore[method-assign]
        found = shelf.near(wanted, besides=0)
    assert found == [4_712]
    assert len(asked) == 0
    assert time.perf_counter() - began < 0.1


def test_what_the_camera_wrote_is_a_claim_and_not_in_copies() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Maker", "Phone 3"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:11:20 09:30:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({
        ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (36.0, 30.0, 36.0),
        ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: (113.0, 12.0, 0.0),
    })  # fmt: skip
    file = keep(jpeg(scene(1), exif=exif))
    claim = Claim.objects.get(file=file)
    assert claim.camera == "Maker Phone 3"
    assert claim.taken_at is not None
    assert claim.taken_at.isoformat() == "2026-11-20T01:30:00+00:00"
    assert (claim.lon, claim.lat) == (113.2, pytest.approx(36.51))
    for data in (folder.read_copy(file), folder.read_small(file)):
        with Image.open(io.BytesIO(data)) as copy:
            assert not copy.getexif()
            assert "exif" not in copy.info
    with Image.open(io.BytesIO(folder.read(file))) as original:
        assert original.getexif()[ExifTags.Base.Make] == "Maker"
