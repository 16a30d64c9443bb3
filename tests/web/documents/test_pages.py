"""The pages of documents: written, shown, listed, several at once, settings and templates."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import docx
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lantian.web.accounts.models import User
from lantian.web.audit.models import Event
from lantian.web.cases.models import Case
from lantian.web.documents import actions
from lantian.web.documents.forms import initial
from lantian.web.documents.kinds import kind_of, kinds
from lantian.web.documents.models import Document
from lantian.web.documents.shipped_template import shipped
from tests.web.cases.world import World
from tests.web.documents.conftest import TEXTS, ready

SignIn = Callable[..., Client]
ORDER = "assignment_order"


def entered(user: User) -> Client:
    client = Client()
    client.force_login(user, "lantian.web.accounts.backend.NameOrPhoneBackend")
    client.cookies["lantian_language"] = "en"
    return client


def text_of(answer: object) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.mark.parametrize("kind", list(kinds()))
def test_from_the_case_to_the_paper(world: World, kind: str) -> None:
    case, doer = ready(world, kind)
    client = entered(doer.user)
    where = f"/cases/{case.code}/documents/{kind}/"
    assert f'href="{where}"' in text_of(client.get(f"/cases/{case.code}/"))
    form = text_of(client.get(where))
    key = re.search(r'name="key" value="(\w+)"', form)
    assert key
    sent = {**TEXTS, "key": key[1]}
    preview = client.post(where, {**sent, "preview": "1"})
    assert preview["Content-Disposition"].startswith("inline")
    assert "Preview" in words(preview.content) or "预览" in words(preview.content)
    assert not Document.objects.exists()
    for _again in range(2):  # the button pressed twice
        answer = client.post(where, sent)
        made = Document.objects.get()
        assert answer.headers["Location"] == f"/documents/{made.pk}/"
    assert made.code in text_of(client.get(f"/documents/{made.pk}/"))
    pdf = client.get(f"/documents/{made.pk}/file/")
    assert f"/cases/{case.code}/" in made.paper["url"]
    assert "".join(made.code.split()) in words(pdf.content)
    file = client.get(f"/documents/{made.pk}/file/?format=docx")
    assert docx.Document(io.BytesIO(file.content)).paragraphs
    assert f"/documents/{made.pk}/" in text_of(client.get(f"/cases/{case.code}/"))
    assert made.code in text_of(client.get("/documents/"))


def words(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(p.get_textpage().get_text_bounded().split()) for p in pages)


def test_who_does_not_see_the_case_does_not_see_its_documents(
    world: World, sign_in: SignIn
) -> None:
    made = issued(world)
    far = sign_in("grid_member", world.elsewhere)
    for address in (f"/documents/{made.pk}/", f"/documents/{made.pk}/file/",
                    f"/documents/several/?document={made.pk}"):  # fmt: skip
        assert far.get(address).status_code == 404, address
    assert far.post(f"/documents/{made.pk}/void/", {"reason": "x"}).status_code == 404
    assert made.code not in text_of(far.get("/documents/"))
    assert made.code not in text_of(far.get("/documents/?format=csv"))
    assert made.code in text_of(sign_in("grid_member", world.town).get("/documents/"))


def issued(world: World, case: Case | None = None) -> Document:
    at, doer = ready(world, ORDER)
    case = case or at
    return actions.issue(
        kind_of(ORDER), case, doer, TEXTS, key=str(Document.objects.count()),
        url="https://example.org/", now=world.now,
    )  # fmt: skip


def test_who_may_not_is_sent_back_to_the_case(world: World, sign_in: SignIn) -> None:
    case, _doer = ready(world, ORDER)
    client = sign_in("inspector")
    answer = client.get(f"/cases/{case.code}/documents/{ORDER}/", follow=True)
    assert answer.redirect_chain == [(f"/cases/{case.code}/", 302)]
    assert "You do not issue" in text_of(answer)
    client.post(f"/cases/{case.code}/documents/{ORDER}/", TEXTS)
    assert not Document.objects.exists()
    assert client.get(f"/cases/{case.code}/documents/none/").status_code == 404


def test_void_from_its_page(world: World, sign_in: SignIn) -> None:
    made = issued(world)
    office = sign_in("dispatcher")
    assert office.post(f"/documents/{made.pk}/void/", {}).status_code == 400
    page = text_of(office.post(f"/documents/{made.pk}/void/", {"reason": "单位写错"}, follow=True))
    assert "单位写错" in page
    assert "Declare void" not in page
    assert "单位写错" in text_of(office.get("/documents/?format=csv"))
    assert (
        sign_in("auditor").post(f"/documents/{made.pk}/void/", {"reason": "x"}).status_code == 400
    )


def test_several_at_once(world: World, sign_in: SignIn) -> None:
    cases = [ready(world, ORDER)[0] for _n in range(3)]
    office = sign_in("dispatcher")
    page = text_of(office.get("/documents/due/"))
    assert all(c.code in page for c in cases)
    chosen = {"case": [c.code for c in cases[:2]]}
    assert office.post("/documents/due/", chosen).status_code == 302
    office.post("/documents/due/", chosen)
    made = list(Document.objects.order_by("number"))
    assert [d.number for d in made] == [1, 2]
    page = text_of(office.get("/documents/due/"))
    assert cases[2].code in page
    assert cases[0].code not in page
    asked = "&".join(f"document={d.pk}" for d in made)
    zipped = office.get(f"/documents/several/?{asked}&format=zip")
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as files:
        assert files.namelist() == [f"{d.code} {d.case.code}.pdf" for d in made]
        assert all(files.read(n).startswith(b"%PDF") for n in files.namelist())
    said = words(office.get(f"/documents/several/?{asked}&format=pdf").content)
    assert all("".join(d.code.split()) in said for d in made)
    assert office.get("/documents/several/").status_code == 404
    many = "&".join(f"document={n}" for n in range(1, 52))
    assert office.get(f"/documents/several/?{many}").status_code == 400


def test_letterhead_numbers_and_wording(world: World, sign_in: SignIn) -> None:
    admin = sign_in("administrator")
    form = fields()
    form |= {
        "letterhead": "天县攻坚办",
        f"{ORDER}-mark": "天气办交",
        f"{ORDER}-opening": "请 {addressee} 办理。",
    }
    assert admin.post("/documents/office/", form).status_code == 302
    made = issued(world)
    assert made.code == "天气办交〔2026〕1号"
    assert made.paper["letterhead"] == "天县攻坚办"
    assert list(made.paper["opening"]) == ["请 丙镇人民政府 办理。"]
    event = Event.objects.get(action="documents.settings_changed")
    assert "天气办交" in str(event.data)
    for wrong in ({f"{ORDER}-pattern": "{year}号"}, {f"{ORDER}-pattern": "{year}{number.real}"},
                  {f"{ORDER}-opening": "{nobody}"}, {f"{ORDER}-closing": "{"}):  # fmt: skip
        answer = admin.post("/documents/office/", {**form, **wrong})
        assert answer.status_code == 400, wrong
        assert 'role="alert"' in answer.content.decode()
    assert actions.of_home().mark(kind_of(ORDER)) == "天气办交"


def fields() -> dict[str, object]:
    """Return what the form of the office is filled in with."""
    return dict(initial(actions.of_home()))


def test_a_template_of_the_offices_own(world: World, sign_in: SignIn) -> None:
    admin, where = sign_in("administrator"), f"/documents/office/{ORDER}/template/"
    assert admin.get(where).content == shipped()
    for name, data in (("x.docx", b"no"), ("y.docx", shipped()[:-40])):
        answer = admin.post(where, {"template": SimpleUploadedFile(name, data)})
        assert answer.status_code == 400, name
        assert "The template cannot be used" in answer.content.decode()
    assert admin.post(where, {}).status_code == 400
    assert (
        admin.post(where, {"template": SimpleUploadedFile("z.docx", shipped())}).status_code == 302
    )
    assert "your own" in text_of(admin.get("/documents/office/"))
    assert admin.post(where, {"restore": "1"}).status_code == 302
    assert "your own" not in text_of(admin.get("/documents/office/"))
    assert set(Event.objects.values_list("action", flat=True)) >= {
        "documents.template_replaced", "documents.template_restored",
    }  # fmt: skip


def test_pages_have_a_budget_of_queries(
    world: World, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = issued(world)
    for _n in range(3):
        issued(world)
    client = sign_in("dispatcher")
    for address, most in (
        ("/documents/", 13), (f"/documents/{made.pk}/", 13), ("/documents/due/", 12),
        ("/documents/office/", 8), (f"/cases/{made.case.code}/documents/{ORDER}/", 18),
    ):  # fmt: skip
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
