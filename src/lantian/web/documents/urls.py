"""Addresses of the pages of documents."""

from lantian.web.documents import office_views, views

app_name = "documents"
urlpatterns = [*office_views.urls, *views.urls]
