"""Who unsubscribes does so at one click, and nobody does by anything else."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifications import forms
from services.notifications.signing import Purpose
from tests.visits import Visit


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
async def test_one_click_unsubscribes_without_a_cookie_or_a_redirect(kind: str) -> None:
    visit = Visit()
    rule = visit.person.ruled[0][0]
    how: dict[str, Any] = {"data": {"List-Unsubscribe": "One-Click"}}
    if kind == "multipart":
        how = {"files": {"List-Unsubscribe": (None, "One-Click")}}
    for _ in "twice":
        answer = await visit.client.post(visit.path(Purpose.UNSUBSCRIBE, rule), **how)
        assert answer.status_code == 200
        assert [one.how for one in visit.person.rules] == ["never"]


async def test_looking_at_a_link_changes_nothing() -> None:
    visit = Visit()
    before = visit.person
    for rule in (before.ruled[0][0], None):
        for _ in "again":
            answer = await visit.client.get(visit.path(Purpose.UNSUBSCRIBE, rule))
            assert answer.status_code == 200
            assert '<button name="do" value="stop">' in answer.text
    assert visit.person == before


async def test_without_a_rule_all_e_mails_end() -> None:
    visit = Visit()
    answer = await visit.client.post(visit.path(Purpose.UNSUBSCRIBE), data={"do": "stop"})
    assert answer.status_code == 200
    assert visit.person.silent_until == forms.FOR_GOOD.isoformat()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=Two-Clicks", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (b"List-Unsubscribe=One-Click", ""),
        (b"\xff\xfe=&" * 400, "application/x-www-form-urlencoded"),
        (b"no parts at all", "multipart/form-data; boundary=x"),
        (b"no parts at all", "multipart/form-data"),
    ],
)
async def test_what_is_no_click_unsubscribes_nobody(body: bytes, kind: str) -> None:
    visit = Visit()
    before = visit.person
    path = visit.path(Purpose.UNSUBSCRIBE)
    answer = await visit.client.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert visit.person == before


PARTS = "multipart/form-data; boundary=x"
DEEP = b"Content-Type: message/rfc822\r\n\r\n" * 2000
ODD = b"Content-Disposition: form-data; name\x00*\r\n\r\nx"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--x\r\n" + DEEP + b"\r\n--x--", PARTS),
        (b"--x\r\n" + ODD + b"\r\n--x--", PARTS),
        (b"--x", "multipart/form-data;" + "(" * 4000),
    ],
    ids=["deep", "odd", "nested comments"],
)
async def test_a_form_that_is_made_to_hurt_is_refused_as_any_other(body: bytes, kind: str) -> None:
    visit = Visit()
    path = visit.path(Purpose.UNSUBSCRIBE)
    answer = await visit.client.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400


async def test_a_body_is_looked_at_only_of_those_who_have_a_link() -> None:
    answer = await Visit().client.post("/unsubscribe/x", content=b"no form")
    assert answer.status_code == 404


async def test_a_large_body_is_not_read() -> None:
    visit = Visit()
    path = visit.path(Purpose.PAGE)
    answer = await visit.client.post(path, content=b"x" * (forms.MOST_BYTES + 1))
    assert answer.status_code == 413
