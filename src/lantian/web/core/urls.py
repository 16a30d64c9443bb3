"""All addresses."""

from django.urls import include, path

from lantian.web.core import search, system, views

handler403 = "lantian.web.core.views.forbidden"
handler404 = "lantian.web.core.views.not_found"
handler500 = "lantian.web.core.views.broken"

core = (
    [
        path("", views.start, name="start"),
        path("healthz", views.healthz, name="healthz"),
        path("language", views.language, name="language"),
        path("search", search.search, name="search"),
        path("system/", system.system, name="system"),
        path("system/findings/", system.findings, name="system-findings"),
        path("system/speed/", system.speed, name="system-speed"),
    ],
    "core",
)

urlpatterns = [
    path("", include(core)),
    path("", include("lantian.web.air.urls")),
    path("", include("lantian.web.accounts.urls")),
    path("", include("lantian.web.places.urls")),
    path("", include("lantian.web.sources.urls")),
    path("", include("lantian.web.duties.urls")),
    path("", include("lantian.web.cases.urls")),
    path("", include("lantian.web.documents.urls")),
    path("", include("lantian.web.taskforces.urls")),
    path("", include("lantian.web.enterprise.urls")),
    path("", include("lantian.web.notifications.urls")),
    path("", include("lantian.web.audit.urls")),
    path("api/", include("lantian.web.api.urls")),
]
