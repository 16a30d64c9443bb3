"""Addresses of the pages of cases."""

from lantian.web.cases.views import (
    acting,
    board,
    case,
    catalogue,
    evidence,
    intake,
    ledger,
    map,
    mine,
    statistics,
)

app_name = "cases"
# what has a name of its own stands before the case, whose address is its code
urlpatterns = [
    *board.urls, *ledger.urls, *map.urls, *statistics.urls, *mine.urls, *intake.urls,
    *catalogue.urls, *evidence.urls, *acting.urls, *case.urls,
]  # fmt: skip
