"""The design's colours as the drawings need them; ``assets/tokens.css`` holds the same values."""

from __future__ import annotations

GROUND, GROUND_2, GROUND_3 = "#ffffff", "#f5f7fa", "#eaeff5"
INK, INK_2, INK_3 = "#17212e", "#465366", "#5f6c7f"
LINE, LINE_2 = "#dbe2ea", "#b6c1ce"
ACCENT = "#1557b0"
BAND = "#d9e5f5"

AQI = ("#00E400", "#FFFF00", "#FF7E00", "#FF0000", "#99004C", "#7E0023")
AQI_EDGE = ("#007d00", "#8a7a00", "#b35800", "#b30000", "#5c002e", "#470013")
ON_AQI = ("#000000", "#000000", "#000000", "#000000", "#ffffff", "#ffffff")

SERIES = ("#12407f", "#4d83c4", "#a3c1e6", "#4f5b6b", "#93a0b0", "#d5c3a1")
SEQUENCE = ("#d9e5f5", "#a3c1e6", "#6f9bd1", "#4d83c4", "#1557b0", "#0e3f83", "#17212e")
"""Light to dark, for classes that rise; not AQI, so none of its hues."""

THIRD = 250
"""Width [px] of a drawing for a third of a sheet."""

DEDUCTED = "#c9a35a"
"""Under the axis: a day whose value was taken out, which is not a missing one."""

OK, PARTLY, MISSING = "#cbd7e6", "#6f9bd1", "#ab1f33"
