"""What the pages of data say after a change, what they refuse, and the form of an exclusion."""

from __future__ import annotations

import re

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.html import format_html

from lantian.network import Network
from lantian.web.air import uploads
from tests.web.air.data_world import (
    HOUR,
    STATION,
    Sign,
    land,
    own,  # noqa: F401 - a fixture
    row,
    send,
    table,
)

pytestmark = pytest.mark.django_db
RANGE = f"station={STATION}&parameter=pm25&start=2026-11-20T10:00&end=2026-11-20T16:00"


def shown(*said: str) -> str:
    """Return what a page shows of messages that came through a cookie."""
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    for text in said:
        messages.success(request, text)
    storage = request._messages  # type: ignore[attr-defined]
    kept = storage._decode(storage._encode(storage._queued_messages))
    request._messages = kept  # type: ignore[attr-defined]
    return render_to_string(
        "core/notices.html.j2", {"request": request, "get_messages": lambda r: kept}
    )


def test_only_what_is_safe_is_shown_as_html() -> None:
    page = shown("<b>甲</b>", format_html('{} <a href="/x/">{}</a>', "<i>", "Undo"))
    assert "&lt;b&gt;甲&lt;/b&gt;" in page
    assert '&lt;i&gt; <a href="/x/">Undo</a>' in page


def test_an_import_is_said_with_a_link_that_undoes_it(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    said = land(client, send(client, table([row(HOUR, 333)])))
    assert '<a href="/air/data/history/2/undo/">Undo</a>' in said
    assert "&lt;a" not in said
    del own


# -- files that are refused

REFUSED = {
    "words.csv": (b"some words\nand more of them\n", "time, station, PM2.5"),
    "broken.xlsx": (b"\x00\xff\xfe\x81 no workbook", "not a readable Excel file"),
    "towns.geojson": (
        b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, '
        b'"geometry": {"type": "Polygon", "coordinates": []}}]}',
        "take it in on the page Territories",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_told_by_what_it_is(own: Network, sign_in: Sign, name: str) -> None:  # noqa: F811
    del own
    content, hint = REFUSED[name]
    client = sign_in("dispatcher")
    assert hint in client.get(send(client, content, name)).content.decode()


def test_a_sentence_ends_in_the_stop_of_its_language(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    client = sign_in("dispatcher", lang="zh")
    page = client.get(send(client, REFUSED["words.csv"][0], "words.csv")).content.decode()
    assert "例如“时间, 站点, PM2.5”。</td>" in page


def test_refused_files_have_a_list_of_their_own(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    client = sign_in("dispatcher")
    send(client, REFUSED["words.csv"][0], "words.csv")
    send(client, table([row(HOUR, 333)]), "good.csv")
    page = client.get("/air/data/upload/").content.decode()
    waiting, refused = page.split("Files waiting")[1].split("Files refused")
    assert ("good.csv" in waiting, "words.csv" in waiting) == (True, False)
    assert ("good.csv" in refused, "words.csv" in refused) == (False, True)
    assert "words.csv" not in client.get("/air/data/").content.decode()
    said = client.post("/air/data/upload/refused/discard/", follow=True).content.decode()
    assert "1 refused upload is deleted." in said
    assert [u.files[0]["name"] for u in uploads.waiting()] == ["good.csv"]
    assert "Files refused" not in said


# -- the form of an exclusion


def test_the_form_has_boxes_and_hours(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    page = sign_in("dispatcher").get(f"/air/data/exclude/?{RANGE}").content.decode()
    assert "multiple" not in page
    for name in ("start", "end"):
        assert re.search(rf'<input type="datetime-local" [^>]*name="{name}"', page)
    assert f'name="station" value="{STATION}" checked' in page
    assert 'name="parameter" value="pm25" checked' in page
    assert 'value="2026-11-20T10:00"' in page


def test_a_day_is_shown_as_its_hours(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    page = (
        sign_in("dispatcher")
        .get(f"/air/data/exclude/?station={STATION}&parameter=pm25&start=2026-11-20&end=2026-11-20")
        .content.decode()
    )
    assert 'value="2026-11-20T01:00"' in page
    assert 'value="2026-11-21T00:00"' in page


def _values(page: str) -> int:
    found = re.search(r"Exclude (\d+) values</button>", page)
    assert found is not None
    return int(found[1])


def test_pollutants_are_chosen_not_left_out(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    client = sign_in("dispatcher")
    left_out = client.get(f"/air/data/exclude/?{RANGE.replace('parameter=pm25&', '')}")
    assert left_out.status_code == 400
    assert "everything the stations measured." in left_out.content.decode()
    assert "danger" not in left_out.content.decode()
    everything = client.get(f"/air/data/exclude/?{RANGE.replace('pm25', 'all')}")
    assert everything.status_code == 200
    assert 'value="all" checked' in everything.content.decode()
    alone = client.get(f"/air/data/exclude/?{RANGE}")
    assert _values(everything.content.decode()) > _values(alone.content.decode()) > 0


def test_what_is_missing_is_named(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    page = sign_in("dispatcher").get("/air/data/exclude/?parameter=pm25").content.decode()
    assert "Choose at least one station" in page
    assert "the first hour" in page


def test_a_value_that_cannot_be_names_the_pollutant(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    client = sign_in("dispatcher")
    where = f"/air/data/correct/?station={STATION}&parameter=pm25&at=2026-11-20T16:00"
    page = client.get(where).content.decode()
    standing = re.search(r'name="standing" value="(\d+)"', page)
    assert standing is not None
    told = client.post(where, {"value": "-99999", "reason": "x", "standing": standing[1]})
    text = told.content.decode()
    assert "no possible value of PM2.5" in text
    assert "<code>data.impossible_value" not in text
    assert 'data-code="data.impossible_value"' in text
