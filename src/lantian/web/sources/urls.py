"""Addresses of the source register."""

from django.urls import path

from lantian.web.sources import import_views, views

app_name = "sources"
urlpatterns = [
    path("sources/", views.register, name="list"),
    path("sources/map.json", views.moving_map, name="map"),
    path("sources/new/", views.new, name="new"),
    path("sources/import/", import_views.take_in, name="take-in"),
    path("sources/import/form.xlsx", import_views.empty_form, name="empty-form"),
    path("sources/import/<str:token>/", import_views.preview, name="import"),
    path("sources/<str:source>/", views.one, name="source"),
    path("sources/<str:source>/change/", views.change, name="change"),
    path("sources/<str:source>/move/", views.move, name="move"),
]
