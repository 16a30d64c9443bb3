"""Addresses of duties."""

from django.urls import path

from lantian.web.duties.views import handover, matrix, organisations, rota

app_name = "duties"
urlpatterns = [
    path("duties/", matrix.matrix, name="matrix"),
    path("duties/who/", matrix.who, name="who"),
    path("duties/gaps/", matrix.gaps, name="gaps"),
    path("duties/import/", matrix.rules_import, name="rules-import"),
    path("duties/rules/new/", matrix.rule_new, name="rule-new"),
    path("duties/rules/<str:rule>/", matrix.rule, name="rule"),
    path("duties/rules/<str:rule>/follow/", matrix.rule_follow, name="rule-follow"),
    path("duties/rules/<str:rule>/end/", matrix.rule_end, name="rule-end"),
    path("duties/organisations/", organisations.organisations, name="organisations"),
    path("duties/organisations/new/", organisations.organisation_new, name="organisation-new"),
    path("duties/organisations/import/", organisations.organisations_import,
         name="organisations-import"),
    path("duties/organisations/<str:organisation>/", organisations.organisation,
         name="organisation"),
    path("duties/organisations/<str:organisation>/change/", organisations.organisation_change,
         name="organisation-change"),
    path("duties/organisations/<str:organisation>/end/", organisations.organisation_end,
         name="organisation-end"),
    path("duties/rota/", rota.rota, name="rota"),
    path("duties/rota/add/", rota.shift_add, name="rota-add"),
    path("duties/rota/import/", rota.rota_import, name="rota-import"),
    path("duties/rota/<int:shift>/remove/", rota.shift_remove, name="rota-remove"),
    path("duties/handover/", handover.handover, name="handover"),
]  # fmt: skip
