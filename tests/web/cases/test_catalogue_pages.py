"""The catalogue on its pages: read, changed in the next version, as a workbook, taken back."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lantian.errors import BadInputError, DomainError, InvalidArgumentError
from lantian.home.layout import Home
from lantian.web.audit.actors import system
from lantian.web.audit.models import Event
from lantian.web.cases import catalogue_versions
from lantian.web.cases.catalogue import in_force
from lantian.web.cases.catalogue_reading import parse, shipped
from lantian.web.cases.catalogue_versions import FOLDER, versions
from lantian.web.cases.cataloguing import words
from lantian.web.cases.cataloguing.forms import initial
from lantian.web.cases.cataloguing.versions import (
    as_toml,
    differences,
    drop,
    editable,
    record_of,
    write,
)
from lantian.web.duties.words import speaking
from tests.web.conftest import serve
from tests.web.world import CLOCK

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
LATER = date(2027, 1, 1)
BY = system("test")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return an empty simulated home, in which nobody needs a second factor."""
    made = Home.init(tmp_path / "home", name="空县", clock=CLOCK, simulated=True)
    serve(monkeypatch, made)
    return made


def _table(**changes: object) -> dict[str, object]:
    return {**record_of(shipped()), "version": "2027-1", "valid_from": LATER, **changes}


def test_a_catalogue_is_written_as_a_file_that_says_the_same() -> None:
    table = record_of(shipped())
    again = parse(tomllib.loads(as_toml(table)), "again")
    assert again.digest == shipped().digest
    odd = '引号"、反斜杠\\、\x7f和换行\n之后'
    types = {**table["types"], "odd": {**table["types"]["site_uncovered"], "opening_zh": odd}}
    assert (
        parse(tomllib.loads(as_toml({**table, "types": types})), "x").types["odd"].opening_zh == odd
    )


def test_a_version_is_written_changed_and_taken_back(home: Home) -> None:
    made = write(BY, home, _table(), today=TODAY)
    assert editable(home) == made
    assert in_force(versions(home.path), TODAY).version == shipped().version
    assert in_force(versions(home.path), LATER).version == "2027-1"
    types = dict(record_of(made)["types"])
    gone = types.pop("site_uncovered")
    again = write(BY, home, _table(types={**types, "fresh": gone}, version="2027-2"), today=TODAY)
    assert [c.version for c in versions(home.path)] == [shipped().version, "2027-2"]
    change = differences(made, again)
    assert (change.new, change.changed, change.gone) == (("fresh",), (), ("site_uncovered",))
    logged = Event.objects.filter(action="cases.catalogue_written").order_by("-id")[0]
    assert json.loads(logged.data)["new"] == ["fresh"]
    with pytest.raises(DomainError, match="cannot be taken back"):
        drop(BY, home, "2027-1")
    drop(BY, home, "2027-2")
    assert editable(home) is None
    assert Event.objects.filter(action="cases.catalogue_dropped").count() == 1


def test_a_sealed_version_is_changed_no_more(home: Home) -> None:
    made = write(BY, home, _table(valid_from=TODAY), today=TODAY)
    catalogue_versions.seal(home.path, made.version)
    assert editable(home) is None
    with pytest.raises(InvalidArgumentError, match="another name"):
        write(BY, home, _table(), today=TODAY)
    with pytest.raises(DomainError):
        drop(BY, home, made.version)


def test_a_version_does_not_begin_in_the_past_and_what_is_wrong_is_named(home: Home) -> None:
    with pytest.raises(InvalidArgumentError, match="today or later"):
        write(BY, home, _table(valid_from=date(2026, 11, 22)), today=TODAY)
    bad = record_of(shipped())["types"]
    bad["site_uncovered"]["limits"]["opened"]["value"] = 0
    with pytest.raises(BadInputError) as caught:
        write(BY, home, _table(types=bad), today=TODAY)
    assert caught.value.problems[0].column == "types.site_uncovered.limits.opened.value"
    assert not list((home.path / FOLDER).glob("*.toml"))
    assert not Event.objects.filter(action__startswith="cases.catalogue").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_limit_is_read_as_it_is_written(language: str) -> None:
    with speaking(language):  # type: ignore[arg-type]
        for problem in shipped().types.values():
            for limit in problem.limits.values():
                said = words.read_limit(words.limit_words(limit))
                assert said == {"value": limit.value, "unit": limit.unit}
    for wrong in ("", "5", "days", "five days", "5 weeks", "-1 days"):
        assert words.read_limit(wrong) is None


def _upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("catalogue.xlsx", data)


def _cells(data: bytes) -> pl.DataFrame:
    return pl.read_excel(io.BytesIO(data), engine="calamine", infer_schema_length=0)


def _book(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_excel(out)
    return out.getvalue()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_comes_back_as_it_went(
    home: Home, sign_in: Callable[..., Client], language: str
) -> None:
    client = sign_in("administrator", lang=language)
    data = client.get(reverse("cases:catalogue") + "?format=xlsx").content
    page = client.post(
        reverse("cases:catalogue-import"),
        {"version": "2027-1", "valid_from": "2027-01-01", "file": _upload(data)},
    )
    assert page.status_code == 200
    assert f"<dd>{len(shipped().types)}</dd>" in page.text
    assert 'name="kept"' in page.text
    assert "btn primary" not in page.text  # it changes nothing


def test_a_changed_workbook_is_the_next_version(home: Home, sign_in: Callable[..., Client]) -> None:
    client = sign_in("administrator", lang="en")
    frame = _cells(client.get(reverse("cases:catalogue") + "?format=xlsx").content)
    here = frame["code"] == "site_uncovered"
    changed = frame.with_columns(
        pl.when(here).then(pl.lit("3 working days")).otherwise("limit: rectify")
        .alias("limit: rectify")
    ).filter(pl.col("code") != "site_unpaved")  # fmt: skip
    given = {"version": "2027-1", "valid_from": "2027-01-01", "file": _upload(_book(changed))}
    page = client.post(reverse("cases:catalogue-import"), given)
    assert "<dd>1: site_uncovered</dd><dt>Left out</dt><dd>1: site_unpaved</dd>" in page.text
    kept = re.findall(r'name="kept" value="([^"]+)"', page.text)[0]
    done = client.post(reverse("cases:catalogue-import"), {"kept": kept})
    assert done.status_code == 302
    made = editable(home)
    assert made is not None
    assert made.types["site_uncovered"].limits["rectifying"].value == 3
    again = client.post(reverse("cases:catalogue-import"), {"kept": kept})
    assert again.status_code == 400  # what was looked at is no more what is there


def test_bad_cells_are_named_and_nothing_lands(home: Home, sign_in: Callable[..., Client]) -> None:
    client = sign_in("administrator", lang="en")
    frame = _cells(client.get(reverse("cases:catalogue") + "?format=xlsx").content)
    columns = {"limit: rectify": "soon", "sector": "moon", "evidence: rectified": "selfie×1"}
    for line, (column, text) in enumerate(columns.items()):
        frame = frame.with_row_index("n").with_columns(
            pl.when(pl.col("n") == line).then(pl.lit(text)).otherwise(column).alias(column)
        ).drop("n")  # fmt: skip
    given = {"version": "2027-1", "valid_from": "2027-01-01", "file": _upload(_book(frame))}
    page = client.post(reverse("cases:catalogue-import"), given)
    assert page.status_code == 400
    named = re.findall(r'<td class="num">(\d+)</td><td>[^<]+</td><td>([^<]+)</td>', page.text)
    assert set(named) == {("2", "soon"), ("3", "moon"), ("4", "selfie×1")}
    assert editable(home) is None


def test_the_form_writes_one_type_into_the_next_version(
    home: Home, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("administrator", lang="en")
    address = reverse("cases:problem-change", args=["site_uncovered"])
    assert client.get(address).status_code == 200
    given = {**initial(shipped().types["site_uncovered"]), "version": "2027-1",
             "valid_from": "2027-01-01", "limit_rectifying": 2}  # fmt: skip
    assert client.post(address, given).status_code == 302
    made = editable(home)
    assert made is not None
    assert differences(shipped(), made).changed == ("site_uncovered",)
    assert client.post(address, {**given, "limit_rectifying": 3}).status_code == 302
    again = editable(home)
    assert again is not None
    assert again.types["site_uncovered"].limits["rectifying"].value == 3
    wrong = client.post(address, {**given, "zh": "长" * 41, "limit_rectifying": 5000})
    assert wrong.status_code == 400
    assert wrong.text.count('class="wrong"') == 2
    fresh = {**given, "code": "brand_new", "zh": "新问题", "en": "New problem"}
    assert client.post(reverse("cases:problem-new"), fresh).status_code == 302
    taken = client.post(reverse("cases:problem-new"), {**fresh, "code": "site_uncovered"})
    assert taken.status_code == 400
    gone = reverse("cases:problem-leave-out", args=["brand_new"])
    assert client.get(gone).status_code == 200
    assert client.post(gone, {"version": "2027-1", "valid_from": "2027-01-01"}).status_code == 302
    last = editable(home)
    assert last is not None
    assert "brand_new" not in last.types
    page = client.get(reverse("cases:catalogue"))
    assert "0 new, 1 changed, 0 left out" in page.text
    done = client.post(reverse("cases:catalogue-take-back"), {"version": "2027-1"})
    assert done.status_code == 302
    assert editable(home) is None


def test_everybody_reads_and_only_administrators_write(
    home: Home, sign_in: Callable[..., Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = sign_in("grid_member", lang="en")
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        page = client.get(reverse("cases:catalogue"))
    assert page.status_code == 200
    assert page.text.count('<tr><td><a href="/cases/catalogue/') == len(shipped().types)
    assert client.get(reverse("cases:problem", args=["site_uncovered"])).status_code == 200
    assert client.get(reverse("cases:problem", args=["nothing"])).status_code == 404
    assert client.get(reverse("cases:catalogue") + "?version=9").status_code == 404
    none = client.get(reverse("cases:catalogue") + "?q=zzzz")
    assert "No problem type fits" in none.text
    for name in ("problem-new", "catalogue-import"):
        assert client.get(reverse(f"cases:{name}")).status_code == 403
