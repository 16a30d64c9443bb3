"""Addresses of notices."""

from django.urls import path

from lantian.web.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notices/", views.listed, name="list"),
    path("notices/read/", views.read_all, name="read-all"),
    path("notices/<int:notice>/open/", views.opened, name="open"),
]
