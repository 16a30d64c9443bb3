"""Addresses of the places."""

from lantian.web.places import station_views, views

app_name = "places"
urlpatterns = [*views.urls, *station_views.urls]
