"""Addresses of signing in and of people."""

from django.urls import path, re_path

from lantian.web.accounts.views import factors, importing, me, passwords, people, signing

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("sign-in/code/", signing.sign_in_code, name="sign-in-code"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("forgot/", passwords.forgot, name="forgot"),
    path("one-time-code/", passwords.redeem, name="redeem"),
    path("reset/<str:who>/<str:token>/", passwords.reset, name="reset"),
    path("password/", passwords.password, name="password"),
    path("second-factor/", factors.second_factor, name="second-factor"),
    path("me/", me.me, name="me"),
    path("me/sessions/end/", me.end_sessions, name="end-sessions"),
    path("me/posts/<int:post>/deputy/", me.deputies, name="me-deputy"),
    path("deputies/<int:post>/end/", me.end_deputy, name="end-deputy"),
    path("me/tokens/", me.tokens, name="tokens"),
    path("me/tokens/<int:token>/revoke/", me.revoke_token, name="revoke-token"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="people-new"),
    path("people/import/", importing.import_people, name="people-import"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/posts/", people.give_post, name="person-give"),
    path("people/<int:pk>/posts/<int:post>/end/", people.end_post, name="person-end"),
    path("people/<int:pk>/posts/<int:post>/deputy/", people.deputy, name="person-deputy"),
    path(
        "people/<int:pk>/tokens/<int:token>/revoke/",
        people.revoke_token,
        name="person-revoke-token",
    ),
    re_path(
        r"^people/(?P<pk>[0-9]{1,18})/(?P<what>code|deactivate|reactivate|reset-factor|end-sessions)/$",
        people.act,
        name="person-act",
    ),
]
