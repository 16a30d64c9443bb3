"""How well a photograph used before is found: ``python benchmarks/evidence_reuse.py FOLDER…``.

Each folder holds real photographs, e.g. those of packages that are installed (``skimage/data``,
``sklearn/datasets/images``, the backgrounds of a desktop); what is found twice in them, drawn or
a page of text is left out by name with ``--without``. Printed are

- how far apart the hashes of changed copies are, and of different photographs (finding),
- what is left between them once they are laid over each other (deciding),
- for each threshold, the copies found, the honest pairs flagged, and the pictures flagged falsely
  among all photographs and 1,000 rendered scenes,
- how long finding takes among 100,000 pictures, and 200 uploads at once on this machine.
"""

from __future__ import annotations

import argparse
import io
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageEnhance

from lantian.web.evidence.likeness import BYTES, Look, look_of, unlikeness
from lantian.web.evidence.limits import LIMITS

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SIDE = 1600
THRESHOLDS = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8)
Picture = Image.Image


def jpeg(picture: Picture, quality: int = 75) -> Picture:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return Image.open(out)


def seen(picture: Picture) -> Look:
    """Return the look of a picture by its small one, as it is stored."""
    small = picture.convert("RGB")
    small.thumbnail((LIMITS.thumbnail, LIMITS.thumbnail))
    return look_of(jpeg(small, 80))


def cut(picture: Picture, left: float, top: float, right: float, bottom: float) -> Picture:
    w, h = picture.size
    return picture.crop((int(left * w), int(top * h), int(w - right * w), int(h - bottom * h)))


def bright(picture: Picture, by: float) -> Picture:
    return ImageEnhance.Brightness(picture).enhance(by)


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "re-encoded, quality 40": lambda p: jpeg(p, 40),
    "half the size": lambda p: jpeg(p.resize((p.width // 2, p.height // 2))),
    "brightened by 30 %": lambda p: jpeg(bright(p, 1.3)),
    "darkened by 25 %": lambda p: jpeg(bright(p, 0.75)),
    "curve, gamma 0.7": lambda p: jpeg(p.point(lambda v: int(255 * (v / 255) ** 0.7))),
    "5 % cut off each side": lambda p: jpeg(cut(p, 0.05, 0.05, 0.05, 0.05)),
    "5 % cut off in all": lambda p: jpeg(cut(p, 0.025, 0.025, 0.025, 0.025)),
    "5 % cut off one side": lambda p: jpeg(cut(p, 0.05, 0, 0, 0)),
    "cut, brightened, quality 60": lambda p: jpeg(bright(cut(p, 0.05, 0.05, 0.05, 0.05), 1.25), 60),
}


def honest(picture: Picture, others: list[Picture], random: Random) -> Picture:
    """Return what is seen from the same spot when 15 % of the view was changed."""
    after = picture.copy()
    w, h = after.size
    share = 0.15**0.5
    other = random.choice([o for o in others if o is not picture])
    patch = other.resize((int(share * w), int(share * h)))
    place = (int(random.uniform(0, 1 - share) * w), int(random.uniform(0.2, 1 - share) * h))
    after.paste(patch, place)
    return jpeg(bright(after, random.uniform(0.9, 1.1)), 80)


def apart(a: Look, b: Look) -> int:
    """Return in how many bits of 256 two differ, whole or one of them cut."""
    x, y = (np.frombuffer(one.bits, np.uint64).reshape(2, -1) for one in (a, b))
    return min(int(np.bitwise_count(x[i] ^ y[j]).sum()) for i, j in ((0, 0), (0, 1), (1, 0)))


def photographs(folders: list[Path], without: list[str]) -> Iterator[tuple[str, Picture]]:
    for path in sorted(p for folder in folders for p in folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or path.stat().st_size < 20_000:
            continue
        if any(word in str(path) for word in without):
            continue
        picture = Image.open(path).convert("RGB")
        picture.thumbnail((SIDE, SIDE))
        yield path.name, picture


def false_flags(looks: list[Look]) -> list[tuple[float, int, int]]:
    """Return what is left, and which two, of all pairs that are looked at closely."""
    bits = np.frombuffer(b"".join(look.bits for look in looks), np.uint64)
    bits = bits.reshape(len(looks), 2, -1)
    found = []
    for i, look in enumerate(looks):
        if look.plain or not i:
            continue
        far = np.min(
            [np.bitwise_count(bits[:i, b] ^ bits[i, a]).sum(axis=1)
             for a, b in ((0, 0), (0, 1), (1, 0))], axis=0
        )  # fmt: skip
        near = [j for j in np.argsort(far, kind="stable")[: LIMITS.likeness.closely]
                if far[j] <= LIMITS.likeness.bits]  # fmt: skip
        enough = LIMITS.likeness.unlikeness
        found += [(unlikeness(look.grey, looks[j].grey, enough), i, int(j)) for j in near]
    return found


def uploads(count: int) -> None:
    """Store many pictures at once through the app itself, and count what is there."""
    from concurrent.futures import ThreadPoolExecutor

    from lantian.home.layout import Home
    from lantian.web.core import setup

    with tempfile.TemporaryDirectory() as folder:
        home = Home.init(Path(folder) / "home", name="天县", simulated=True)
        setup.ready(home)
        from django.core.files.uploadedfile import SimpleUploadedFile
        from django.core.management import call_command
        from django.db import connection
        from django.utils import timezone

        call_command("migrate", verbosity=0)
        from lantian.web.evidence.actions import store
        from lantian.web.evidence.models import Arrival, File

        random = np.random.default_rng(1)
        datas = []
        for _n in range(count):
            out = io.BytesIO()
            noise = random.integers(0, 255, (12, 16, 3), dtype=np.uint8)
            Image.fromarray(noise).resize((1600, 1200), Image.Resampling.BICUBIC).save(out, "JPEG")
            datas.append(out.getvalue())

        def send(data: bytes) -> float:
            began = time.perf_counter()
            try:
                store(SimpleUploadedFile("photo.jpg", data, "image/jpeg"), None, timezone.now())
            finally:
                connection.close()
            return time.perf_counter() - began

        began = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            took = sorted(pool.map(send, datas))
        whole = time.perf_counter() - began
        print(f"{count} uploads at once: {File.objects.count()} kept, "
              f"{Arrival.objects.count()} arrivals, {whole:.1f} s in all, "
              f"p95 {took[int(count * 0.95)]:.1f} s")  # fmt: skip
        time_to_find(100_000)


def time_to_find(count: int) -> None:
    """Print how long the nearest of many take: from the table the first time, then from memory."""
    from django.utils import timezone

    from lantian.web.evidence.likes import Shelf
    from lantian.web.evidence.models import File, Print

    random, now = np.random.default_rng(2), timezone.now()
    File.objects.bulk_create(
        [File(sha256=f"{n:064x}", kind="jpeg", size=1, width=1, height=1, at=now)
         for n in range(count)], batch_size=5000,
    )  # fmt: skip
    files = File.objects.filter(size=1).values_list("pk", flat=True)
    Print.objects.bulk_create(
        [Print(file_id=pk, bits=random.bytes(BYTES)) for pk in files], batch_size=5000
    )
    shelf, wanted = Shelf(), random.bytes(BYTES)
    for what in ("read from the table", "from memory", "from memory"):
        began = time.perf_counter()
        shelf.near(wanted, 0)
        print(f"the nearest of {count:,}: {(time.perf_counter() - began) * 1e3:.0f} ms ({what})")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--without", nargs="*", default=[])
    given = asked.parse_args()
    random = Random(1)
    photos = list(photographs(given.folders, given.without))
    pictures = [p for _name, p in photos]
    looks = [seen(p) for p in pictures]
    print(f"{len(photos)} photographs")
    copies: list[tuple[float, int, str, str]] = []
    for what, change in CHANGES.items():
        rows = []
        for (name, picture), look in zip(photos, looks, strict=True):
            copy = seen(change(picture))
            rows.append((min(unlikeness(look.grey, copy.grey), 9.0), apart(look, copy), what, name))
        copies += rows
        left, bits = sorted(r[0] for r in rows), sorted(r[1] for r in rows)
        print(f"{what:30} bits: median {bits[len(bits) // 2]}, most {bits[-1]}; "
              f"left: median {left[len(left) // 2]:.2f}, most {left[-1]:.2f}")  # fmt: skip
    after = [seen(honest(p, pictures, random)) for p in pictures]
    pairs = [unlikeness(a.grey, b.grey) for a, b in zip(looks, after, strict=True)]
    print(f"honest pairs: left: least {min(pairs):.2f}, median {np.median(pairs):.2f}")
    near = min(apart(a, b) for a, b in itertools.combinations(looks, 2))
    print(f"different photographs: {near} bits at least")
    scenes = looks + [seen(p) for p in rendered(1000)]
    falsely = false_flags(scenes)
    print("threshold  copies found  honest flagged  flagged falsely")
    for most in THRESHOLDS:
        found = sum(u <= most and b <= LIMITS.likeness.bits for u, b, _w, _n in copies)
        wrong = {i for u, i, _j in falsely if u <= most}
        print(f"{most:9}  {found:5} / {len(copies)}  {sum(u <= most for u in pairs):6} / "
              f"{len(pairs)}  {len(wrong):6} / {len(scenes)}")  # fmt: skip
    for u, bits, what, name in sorted(copies, reverse=True):
        if u > LIMITS.likeness.unlikeness or bits > LIMITS.likeness.bits:
            print(f"missed: {name}, {what}: {u:.2f} left, {bits} bits")
    uploads(200)


def rendered(count: int) -> Iterator[Picture]:
    """Make scenes: ground, light, houses and a heap, no two the same."""
    from PIL import ImageDraw

    for n in range(count):
        random = np.random.default_rng(n)
        rough = np.clip(random.normal(size=(9, 12, 3)) * 40 + 120, 0, 255).astype("uint8")
        picture = Image.fromarray(rough).resize((640, 480), Image.Resampling.BICUBIC)
        draw = ImageDraw.Draw(picture)
        for _house in range(9):
            x, y, w, h = (int(v) for v in random.integers((0, 60, 30, 30), (640, 280, 130, 170)))
            colour = tuple(int(c) for c in random.integers(20, 235, 3))
            draw.rectangle((x, y, x + w, y + h), fill=colour)
        draw.polygon([(100, 400), (260, 270), (420, 300), (520, 420)], fill=(170, 150, 110))
        yield picture


if __name__ == "__main__":
    main()
