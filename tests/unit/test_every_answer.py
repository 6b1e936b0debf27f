"""What every request and every answer of HTTP passes: rates, headers, HEAD, queries and bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from shared.contracts.schemas import schema_id
from tests.web_parts import Service

if TYPE_CHECKING:
    from pathlib import Path

SIGNED = "coalition.membership.CitySigned.v1"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


async def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_answered(
    tmp_path: Path,
) -> None:
    service = Service(tmp_path, http_per_minute_per_address=10, http_per_minute_per_token=10)
    answers = [await service.ask("GET", "/openapi.json") for _ in range(12)]
    assert {answer.status_code for answer in answers[:10]} == {200}
    late = answers[-1]
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0
    assert late.headers["content-type"] == "application/problem+json"
    assert (await service.ask("GET", "/openapi.json", client="192.0.2.2")).status_code == 200
    assert (await service.ask("GET", "/healthz")).status_code == 200

    token, networks = service.token("operate"), range(1, 13)
    statuses = [
        (await service.ask("POST", "/consumer/resume", token, client=f"198.51.100.{n}")).status_code
        for n in networks
    ]
    assert statuses == [202] * 10 + [429] * 2
    same = [
        (await service.ask("GET", "/docs", client=f"2001:db8::{n}")).status_code for n in networks
    ]
    assert same == [200] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("path", "status"),
    [("/docs", 200), ("/openapi.json", 200), ("/nowhere", 404), ("/subscriptions", 401)],
)
async def test_every_answer_has_the_headers_that_keep_it_what_it_is(
    service: Service, path: str, status: int
) -> None:
    answer = await service.ask("GET", path)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_defect_has_them_too(service: Service) -> None:
    @service.app.get("/breaks")
    async def breaks() -> None:
        raise ValueError("a defect")

    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        answer = await http.get("/breaks")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_head_answers_as_get_does_without_a_body(service: Service) -> None:
    for path in ("/docs", "/openapi.json", "/healthz", "/nowhere"):
        head, get = await service.ask("HEAD", path), await service.ask("GET", path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
    assert (await service.ask("HEAD", "/consumer/resume")).status_code == 405


async def test_a_method_that_is_not_taken_says_which_are(service: Service) -> None:
    answer = await service.ask("PUT", "/subscriptions")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    answer = await service.ask("GET", "/events")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


LOADS = ('="http', "src=", "<script", "<link", "url(", "@import")


async def test_docs_ask_nobody_else_for_anything(service: Service) -> None:
    page = (await service.ask("GET", "/docs")).text
    assert "/subscriptions" in page
    assert "people:read" in page
    assert "docs/events" in page
    for loads in ("http://", "https://", *LOADS):
        assert loads not in page


async def test_the_page_of_events_shows_topics_types_and_examples(service: Service) -> None:
    answer = await service.ask("GET", "/docs/events")
    page = answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for shown in ("coalition.membership.inbox.v1", "CitySigned", "de-city-nurnberg", "ce_sequence"):
        assert shown in page
    assert f"../schemas/{SIGNED}.json" in page
    assert not [loads for loads in LOADS if loads in page]


async def test_the_schema_of_a_type_is_answered_under_the_name_that_its_events_give(
    service: Service,
) -> None:
    answer = await service.ask("GET", f"/schemas/{SIGNED}.json")
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json()["$id"] == schema_id(SIGNED)
    example = answer.json()["examples"][0]
    Draft202012Validator(answer.json()).validate(example)
    topics = (await service.ask("GET", "/asyncapi.json")).json()["channels"]
    assert {name for one in topics.values() for name in one["messages"]} >= {SIGNED, "rejected"}


async def test_a_misspelt_type_has_no_schema_and_the_nearest_is_named(service: Service) -> None:
    answer = await service.ask("GET", f"/schemas/{SIGNED.replace('Signed', 'Singed')}.json")
    assert answer.status_code == 404
    assert SIGNED in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "where", "hint"),
    [
        ("limt=10", "query.limt", "the nearest is 'limit'"),
        ("xyz=1", "query.xyz", "there are"),
        ("limit=10&limit=20", "query.limit", "given more than once"),
    ],
)
async def test_a_parameter_that_is_none_is_refused_with_the_right_one(
    service: Service, query: str, where: str, hint: str
) -> None:
    answer = await service.ask("GET", f"/deliveries?{query}", service.token("people:read"))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["where"] == where
    assert hint in error["reason"]
    assert hint in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/deliveries?state=queud", "queued"),
        ("/deliveries?state=unknow", "unknown"),
        ("/subscriptions?after=&limit=ten", None),
    ],
)
async def test_a_misspelt_filter_is_refused_with_the_nearest(
    service: Service, path: str, nearest: str | None
) -> None:
    answer = await service.ask("GET", path, service.token("people:read"))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    if nearest:
        assert error["reason"].endswith(f"the nearest is {nearest!r}")
    else:
        assert "nearest" not in error["reason"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xef\xbb\xbf{}", "byte-order mark of UTF-8"),
        (b"\xff\xfe{\x00}\x00", "byte-order mark of UTF-16"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair at line 1, byte 14"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8: byte 8"),
        (b"[" * 10_000, "nested too deeply (200 levels are read) at line 1, byte 202"),
        (b'{"a":\n NaN}', "NaN is no number in JSON at line 2, byte 2"),
        (b'{"a": -Infinity}', "-Infinity is no number in JSON at line 1"),
        (b'{"a": 1,}', "trailing comma at line 1, byte 9"),
        (b"", "empty"),
    ],
)
@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/events", "application/cloudevents+json"),
        ("/events", "application/cloudevents-batch+json"),
        ("/events/CoalitionFounded", "application/json"),
        ("/subscriptions", "application/json"),
        ("/deliveries/requeue", "application/json"),
    ],
)
async def test_a_body_that_is_no_json_is_refused_with_what_is_wrong_and_where(
    service: Service, path: str, media: str, body: bytes, reason: str
) -> None:
    if path in {"/subscriptions", "/deliveries/requeue"} and not body:
        pytest.skip("an empty body is a missing one there")
    answer = await service.ask(
        "POST", path, "the-operators-token", content=body, headers={"Content-Type": media}
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "body"
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/events", "/events/CoalitionFounded", "/subscriptions"])
async def test_a_body_of_another_type_is_refused(service: Service, path: str) -> None:
    answer = await service.ask(
        "POST", path, "the-operators-token", content=b"<a/>", headers={"Content-Type": "text/xml"}
    )
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("announced", [True, False])
async def test_of_a_body_that_is_too_large_no_more_is_read_than_may_be(
    service: Service, *, announced: bool
) -> None:
    pieces = list[int]()

    async def body() -> Any:
        for number in range(1000):
            pieces.append(number)
            yield b" " * 65536

    headers = {"Content-Type": "application/json"}
    if announced:
        headers["Content-Length"] = str(1000 * 65536)
    answer = await service.ask(
        "POST", "/subscriptions", "the-operators-token", content=body(), headers=headers
    )
    assert answer.status_code == 413
    assert len(pieces) <= (0 if announced else 6)
