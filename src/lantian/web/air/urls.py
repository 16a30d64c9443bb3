"""Addresses of the pages of the air."""

from lantian.web.air.views import calendar, data, editions, network, ranking, station, today

app_name = "air"
urlpatterns = [
    *today.urls, *network.urls, *station.urls, *calendar.urls, *ranking.urls, *editions.urls,
    *data.urls,
]  # fmt: skip
