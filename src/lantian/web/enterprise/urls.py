"""Addresses of the enterprise's own page."""

from django.urls import path

from lantian.web.enterprise import views

app_name = "enterprise"
urlpatterns = [path("enterprise/", views.home, name="home")]
