"""Photographs for tests: scenes with the grain, light and detail that real ones have."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

SIZE = (1200, 900)


def scene(seed: int, *, mended: bool = False, noise: int = 0) -> Image.Image:
    """Return a place with its problem, or where it was put right, seen from the same spot."""
    random = np.random.default_rng(seed)
    width, height = SIZE
    rough = random.normal(size=(9, 12, 3))
    ground = Image.fromarray((np.clip(rough * 40 + 120, 0, 255)).astype("uint8"))
    image = ground.resize(SIZE, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _house in range(9):
        x, y = int(random.integers(0, width)), int(random.integers(100, 500))
        w, h = int(random.integers(60, 240)), int(random.integers(60, 300))
        colour = tuple(int(c) for c in random.integers(20, 235, 3))
        draw.rectangle((x, y, x + w, y + h), fill=colour)
    heap = (
        [(200, 760), (520, 520), (800, 560), (1000, 780)]
        if seed % 2
        else [(300, 800), (600, 480), (900, 820)]
    )
    draw.polygon(heap, fill=(60, 130, 80) if mended else (170, 150, 110))
    if mended:
        for x in range(200, 1000, 24):
            draw.line((x, 480, x, 800), fill=(40, 90, 60), width=3)
    grain = np.random.default_rng(seed * 7 + noise).normal(scale=4, size=(height, width, 1))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype("uint8"))


def jpeg(image: Image.Image, quality: int = 85, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=Image.Exif() if exif is None else exif)
    return out.getvalue()


def cut(image: Image.Image, share: float = 0.05) -> Image.Image:
    """Take a share off every side."""
    w, h = image.size
    return image.crop((int(w * share), int(h * share), int(w * (1 - share)), int(h * (1 - share))))


def brighter(image: Image.Image, by: float = 1.25) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(by)
