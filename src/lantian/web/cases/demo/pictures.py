"""Pictures for evidence: plain drawings, so that nobody takes them for photographs."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from random import Random

from PIL import Image, ImageDraw

_SIZE = (320, 240)
_HORIZON = 110
_SKY, _FAR, _WALL, _PAPER = (222, 232, 241), (188, 200, 214), (203, 211, 219), (250, 250, 246)
_EARTH, _SOIL, _NET, _ROAD, _WET = (
    (186, 154, 108), (146, 112, 70), (74, 124, 92), (150, 152, 156), (104, 112, 122),
)  # fmt: skip
_DUST, _STEEL, _YELLOW, _RED, _INK = (
    (226, 206, 178), (92, 108, 128), (214, 164, 44), (176, 36, 48), (60, 68, 80),
)  # fmt: skip
_DOCUMENTS = ("test_report", "record")
Draw = ImageDraw.ImageDraw


def picture(scene: str, kind: str, number: int) -> bytes:
    """Return a PNG.

    Parameters
    ----------
    scene
        As ``problems.toml`` names it.
    kind
        Of evidence: ``photo_before`` shows the problem, ``photo_after`` and ``photo_check`` do
        not, documents are a sheet of paper.
    number
        Another one for another number: where things stand differs.
    """
    chance = Random(f"{scene}/{kind}/{number}")  # noqa: S311 - the same drawing every time
    if kind in _DOCUMENTS:
        image = _sheet(chance)
    else:
        image = Image.new("RGB", _SIZE, _SKY)
        draw = ImageDraw.Draw(image)
        _background(draw, chance)
        _SCENES[scene](draw, chance, kind == "photo_before")
        if kind == "photo_check":
            _staff(draw, chance)
    # no two are the same to the byte, as no two photographs are
    image.putpixel((number % _SIZE[0], number // _SIZE[0] % _SIZE[1]), _INK)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _background(draw: Draw, chance: Random) -> None:
    for _house in range(3):
        x, high = chance.randrange(0, 290), chance.randrange(20, 60)
        draw.rectangle((x, _HORIZON - high, x + chance.randrange(25, 60), _HORIZON), fill=_FAR)
    draw.rectangle((0, _HORIZON, *_SIZE), fill=_EARTH)


def _mound(draw: Draw, chance: Random, colour: tuple[int, int, int]) -> None:
    left, width, high = (
        chance.randrange(10, 60),
        chance.randrange(180, 230),
        chance.randrange(50, 80),
    )
    foot = chance.randrange(175, 215)
    points = [
        (left, foot),
        (left + width // 3, foot - high),
        (left + 2 * width // 3, foot - high + 12),
    ]
    draw.polygon([*points, (left + width, foot)], fill=colour)


def _cloud(draw: Draw, chance: Random, colour: tuple[int, int, int]) -> None:
    x, y = chance.randrange(60, 200), chance.randrange(50, 110)
    for _puff in range(6):
        a, b, r = (
            x + chance.randrange(-40, 60),
            y + chance.randrange(-22, 24),
            chance.randrange(12, 30),
        )
        draw.ellipse((a - r, b - r, a + r, b + r), fill=colour)


def _earth(draw: Draw, chance: Random, problem: bool) -> None:
    _mound(draw, chance, _SOIL if problem else _NET)
    if problem:
        _cloud(draw, chance, _DUST)


def _heap(draw: Draw, chance: Random, problem: bool) -> None:
    if not problem:
        draw.rectangle((30, 70, 290, 200), fill=_WALL)
        draw.polygon([(20, 72), (160, 36), (300, 72)], fill=_STEEL)
    _mound(draw, chance, _INK if problem else _STEEL)
    if problem:
        _cloud(draw, chance, _DUST)


def _digger(draw: Draw, chance: Random, problem: bool) -> None:
    _earth(draw, chance, problem)
    x = chance.randrange(170, 230)
    draw.rectangle((x, 150, x + 60, 180), fill=_YELLOW)
    draw.rectangle((x - 4, 180, x + 66, 194), fill=_INK)
    draw.line([(x, 152), (x - 40, 116), (x - 66, 160)], fill=_YELLOW, width=7)
    if not problem:
        for drop in range(24):
            draw.line((20 + 6 * drop, 60, 14 + 6 * drop, 92), fill=_STEEL)


def _road(draw: Draw, chance: Random, problem: bool) -> None:
    middle = chance.randrange(140, 180)
    draw.polygon([(middle - 12, _HORIZON), (middle + 12, _HORIZON), (300, 240), (20, 240)],
                 fill=_ROAD if problem else _WET)  # fmt: skip
    for step in range(4):
        y = 124 + 30 * step
        draw.rectangle((middle - 2 - step, y, middle + 2 + step, y + 14), fill=_PAPER)
    if problem:
        draw.polygon([(middle - 10, _HORIZON), (middle - 4, _HORIZON), (110, 240), (30, 240)],
                     fill=_SOIL)  # fmt: skip
        _cloud(draw, chance, _DUST)


def _truck(draw: Draw, chance: Random, problem: bool) -> None:
    _road(draw, chance, problem=False)
    x = chance.randrange(60, 140)
    draw.rectangle((x, 120, x + 110, 176), fill=_SOIL if problem else _NET)
    draw.rectangle((x + 110, 136, x + 146, 176), fill=_STEEL)
    for wheel in (x + 22, x + 62, x + 122):
        draw.ellipse((wheel - 13, 166, wheel + 13, 192), fill=_INK)
    if problem:
        _cloud(draw, chance, _INK)


def _works(draw: Draw, chance: Random, problem: bool) -> None:
    draw.rectangle((40, 84, 280, 196), fill=_WALL)
    for window in range(5):
        draw.rectangle((56 + 44 * window, 100, 84 + 44 * window, 122), fill=_STEEL)
    door = chance.randrange(70, 190)
    draw.rectangle((door, 140, door + 54, 196), fill=_INK if problem else _STEEL)
    if problem:
        _cloud(draw, chance, _DUST)


def _chimney(draw: Draw, chance: Random, problem: bool) -> None:
    _works(draw, chance, problem=False)
    x = chance.randrange(80, 220)
    draw.rectangle((x, 20, x + 20, 90), fill=_RED)
    draw.rectangle((x, 34, x + 20, 46), fill=_PAPER)
    if problem:
        _cloud(draw, chance, _ROAD)


def _fire(draw: Draw, chance: Random, problem: bool) -> None:
    _field(draw, chance, problem=False)
    x = chance.randrange(90, 220)
    draw.ellipse((x - 46, 178, x + 46, 204), fill=_INK)
    if problem:
        for tongue in range(4):
            a = x - 30 + 20 * tongue
            draw.polygon([(a - 10, 194), (a, 194 - chance.randrange(24, 52)), (a + 10, 194)],
                         fill=_YELLOW)  # fmt: skip
        _cloud(draw, chance, _ROAD)


def _field(draw: Draw, chance: Random, problem: bool) -> None:
    for row in range(9):
        y = _HORIZON + 6 + 15 * row
        draw.line(
            (0, y, 320, y + chance.randrange(-4, 5)), fill=_SOIL if problem else _NET, width=4
        )
    if problem:
        _cloud(draw, chance, _DUST)


def _kitchen(draw: Draw, chance: Random, problem: bool) -> None:
    draw.rectangle((20, 70, 300, 200), fill=_WALL)
    draw.rectangle((20, 70, 300, 92), fill=_RED)
    x = chance.randrange(190, 250)
    draw.rectangle((x, 30, x + 22, 92), fill=_STEEL)
    if problem:
        _cloud(draw, chance, _ROAD)
    else:
        draw.rectangle((x - 14, 44, x + 36, 70), fill=_NET)


def _post(draw: Draw, chance: Random, problem: bool) -> None:
    x = chance.randrange(120, 200)
    draw.rectangle((x, 40, x + 8, 200), fill=_STEEL)
    draw.rectangle((x - 34, 60, x + 42, 104), fill=_INK)
    if not problem:
        draw.line([(x - 26, 92), (x - 8, 78), (x + 8, 88), (x + 32, 72)], fill=_YELLOW, width=3)


def _fence(draw: Draw, chance: Random, problem: bool) -> None:
    gap = chance.randrange(100, 180) if problem else 400
    for panel in range(0, 320, 20):
        if not gap <= panel < gap + 60:
            draw.rectangle((panel, 96, panel + 18, 176), fill=_STEEL)
    if problem:
        _mound(draw, chance, _SOIL)


def _staff(draw: Draw, chance: Random) -> None:
    """Put the staff of who re-inspects into the picture."""
    x = chance.randrange(270, 300)
    for part in range(6):
        draw.rectangle((x, 110 + 16 * part, x + 6, 126 + 16 * part),
                       fill=_RED if part % 2 else _PAPER)  # fmt: skip


def _sheet(chance: Random) -> Image.Image:
    image = Image.new("RGB", _SIZE, _FAR)
    draw = ImageDraw.Draw(image)
    draw.rectangle((70, 12, 250, 228), fill=_PAPER)
    draw.rectangle((110, 26, 210, 34), fill=_INK)
    for line in range(10):
        draw.line((86, 54 + 14 * line, chance.randrange(150, 236), 54 + 14 * line), fill=_ROAD)
    x, y = chance.randrange(180, 210), chance.randrange(176, 196)
    draw.ellipse((x - 20, y - 20, x + 20, y + 20), outline=_RED, width=3)
    return image


def _paper(draw: Draw, chance: Random, problem: bool) -> None:
    _works(draw, chance, problem=False)
    draw.rectangle((90, 120, 230, 220), fill=_PAPER)
    for line in range(6):
        long = chance.randrange(120, 220) if problem else 220
        draw.line((100, 134 + 14 * line, long, 134 + 14 * line), fill=_INK)


_SCENES: Mapping[str, Callable[[Draw, Random, bool], None]] = {
    "earth": _earth, "digger": _digger, "road": _road, "site": _fence, "post": _post,
    "heap": _heap, "fire": _fire, "kitchen": _kitchen, "works": _works, "truck": _truck,
    "record": _paper, "chimney": _chimney, "field": _field,
}  # fmt: skip
