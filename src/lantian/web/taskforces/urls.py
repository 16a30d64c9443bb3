"""Addresses of task forces."""

from django.urls import path

from lantian.web.taskforces import views

app_name = "taskforces"
urlpatterns = [
    path("taskforces/", views.listed, name="list"),
    path("taskforces/new/", views.new, name="new"),
    path("taskforces/<int:force>/", views.one, name="one"),
    path("taskforces/<int:force>/change/", views.change, name="change"),
    path("taskforces/<int:force>/end/", views.end, name="end"),
    path("taskforces/<int:force>/members/", views.put, name="put"),
    path("taskforces/<int:force>/members/<int:pk>/remove/", views.remove, name="remove"),
]
