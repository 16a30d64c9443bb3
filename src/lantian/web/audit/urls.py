"""Addresses of the log."""

from django.urls import path

from lantian.web.audit import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.events, name="events"),
    path("audit/verify/", views.check, name="events-verify"),
    path("audit/<int:number>/", views.event, name="events-one"),
]
