"""The search: what it finds, for whom, under the field and on its page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from lantian.network import Network
from lantian.web.accounts.models import User
from lantian.web.places.models import Territory

HX = {"HX-Request": "true"}


def links(client: Client, text: str, *, piece: bool = True) -> dict[str, str]:
    """Return address by title of what is found."""
    answer = client.get(reverse("core:search"), {"q": text}, headers=HX if piece else {})
    assert answer.status_code == 200
    body = answer.content.decode()
    found = re.findall(r'<li><a href="([^"]*)"><b>([^<]*)</b>', body[body.find('class="hits"') :])
    return {title: url for url, title in found}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("县城东站", "县城东站"),
        ("县城", "县城东站"),
        ("9901S", "县城东站"),
        ("9901s", "县城东站"),
        ("９９０１Ｓ", "县城东站"),  # full-width, as an input method may leave them
        ("  县城东 ", "县城东站"),
        ("城关镇", "县城西站"),  # by its town
    ],
)
def test_stations_are_found(
    served: Network, sign_in: Callable[..., Client], text: str, title: str
) -> None:
    stations = dict(served.stations().select("name", "station").iter_rows())
    found = links(sign_in("expert"), text)
    assert found[title] == reverse("air:station", args=[stations[title]])


def test_the_same_name_comes_before_those_that_contain_it(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    answer = sign_in("expert").get(reverse("core:search"), {"q": "城关镇"}, headers=HX)
    titles = re.findall(r"<b>([^<]*)</b>", answer.content.decode())
    assert titles[0] == "城关镇"


def test_towns_lead_to_their_stations(served: Network, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("expert", lang="en").get(reverse("core:search"), {"q": "城关镇"}, headers=HX)
    body = answer.content.decode()
    assert "Towns" in body
    assert "3 stations" in body
    url = re.search(r'href="([^"]*town=[^"]*)"', body)
    assert url is not None
    assert sign_in("expert").get(url[1]).status_code == 200


@pytest.mark.parametrize(
    ("lang", "text", "title"), [("en", "rank", "Ranking"), ("zh", "排名", "排名")]
)
def test_pages_are_found_in_the_language_in_force(
    served: Network, sign_in: Callable[..., Client], lang: str, text: str, title: str
) -> None:
    assert links(sign_in("expert", lang=lang), text) == {title: reverse("air:ranking")}


def test_people_are_found_by_those_who_manage_them(
    served: Network, sign_in: Callable[..., Client], person: Callable[..., User]
) -> None:
    somebody = person("inspector", phone="13800000000", organisation="大气科")
    for text in (somebody.name, "138000", "大气"):
        found = links(sign_in("administrator"), text)
        assert found[somebody.name] == reverse("accounts:person", args=[somebody.pk])
        assert somebody.name not in links(sign_in("dispatcher"), text)


def test_nobody_finds_what_they_may_not_open(
    served: Network, towns: dict[str, Territory], sign_in: Callable[..., Client]
) -> None:
    town = sign_in("town_officer", towns["甲镇"])
    assert "县城东站" not in links(town, "县城")
    assert "9905S" in links(town, "99").get("甲镇", "")
    assert set(links(town, "城关镇")) == set()
    assert set(links(sign_in("enterprise_officer"), "99")) == set()
    pages = links(sign_in("town_officer", towns["甲镇"], lang="en"), "a")
    assert "Audit" not in pages
    assert "Data and quality" not in pages


def test_the_page_shows_all_and_the_field_a_few(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("expert", lang="en")
    assert len(links(client, "99")) == 6
    assert len(links(client, "99", piece=False)) == served.stations().height
    under = client.get(reverse("core:search"), {"q": "99"}, headers=HX).content.decode()
    assert "and 8 more" in under
    assert f"{reverse('core:search')}?q=99" in under


@pytest.mark.parametrize("text", ["", "   ", "<b>x</b>", "'; --", "%", "x" * 500])
def test_whatever_is_entered_is_answered(
    served: Network, sign_in: Callable[..., Client], text: str
) -> None:
    for headers in ({}, HX):
        answer = sign_in("administrator").get(reverse("core:search"), {"q": text}, headers=headers)
        assert answer.status_code == 200
        assert "<b>x</b>" not in answer.content.decode().replace(f"<b>{text}</b>", "")


def test_an_empty_home_finds_pages_only(empty: Network, sign_in: Callable[..., Client]) -> None:
    assert links(sign_in("expert", lang="en"), "rank") == {"Ranking": reverse("air:ranking")}
    assert links(sign_in("expert"), "9901S") == {}


def test_few_queries(
    served: Network,
    sign_in: Callable[..., Client],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client = sign_in("administrator")
    client.get(reverse("core:search"), {"q": "9"}, headers=HX)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get(reverse("core:search"), {"q": "9"}, headers=HX)


def test_a_piece_is_never_kept_for_the_page_nor_for_others(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("dispatcher")
    for address in ("/search?q=a", "/today/"):
        headers = client.get(address).headers
        assert "HX-Request" in headers["Vary"]
        assert headers["Cache-Control"] == "private, no-cache"
