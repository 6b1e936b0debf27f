"""Who may do what over HTTP, each route tried by each scope; in process."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
import structlog
from fastapi import Request

from shared.access.scopes import Caller
from shared.pipeline.breaker import Halt
from shared.publishers import Publishers
from shared.web.intake import own_sources
from tests.issuer import AUDIENCE, rsa, running
from tests.web_parts import EUROPE, FOUNDED, PUBLISHERS, Service, event

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


NEEDED: Final = [
    ("GET", "/subscriptions", "people:read"),
    ("POST", "/subscriptions", "people:write"),
    ("GET", "/subscriptions/a", "people:read"),
    ("PUT", "/subscriptions/a", "people:write"),
    ("PATCH", "/subscriptions/a", "people:write"),
    ("DELETE", "/subscriptions/a", "people:write"),
    ("POST", "/subscriptions/a/digest", "people:write"),
    ("GET", "/deliveries", "people:read"),
    ("POST", "/deliveries/requeue", "operate"),
    ("POST", "/bounces", "bounces:write"),
    ("GET", "/suppressions", "people:read"),
    ("DELETE", "/suppressions/a", "operate"),
    ("POST", "/people/export", "people:read"),
    ("POST", "/people/erase", "people:write"),
    ("POST", "/consumer/resume", "operate"),
    ("POST", "/snapshots/rebuild", "operate"),
    ("POST", "/journal/republish", "operate"),
    ("POST", "/events", "publish"),
    ("POST", "/events/CoalitionFounded", "publish"),
]


@pytest.mark.parametrize(("method", "path", "scope"), NEEDED)
async def test_what_needs_a_scope_is_refused_to_all_others_before_the_body(
    service: Service, method: str, path: str, scope: str
) -> None:
    read = list[int]()

    async def body() -> Any:
        read.append(1)
        yield b"x" * 100_000

    others = {"people:read", "people:write", "operate", "publish", "bounces:write"} - {scope}
    weak = service.token(*sorted(others))
    for token, status, challenge in (
        ("", 401, 'Bearer realm="coalition"'),
        ("a-token-of-nobody", 401, 'Bearer realm="coalition", error="invalid_token"'),
        (
            weak,
            403,
            f'Bearer realm="coalition", error="insufficient_scope", scope="{scope}"',
        ),
    ):
        answer = await service.ask(method, path, token, content=body())
        assert answer.status_code == status
        assert answer.headers["www-authenticate"] == challenge
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
    assert not read
    assert scope in answer.json()["detail"]
    refused = {401, 403}
    for token in (service.token(scope), "the-operators-token"):
        assert (await service.ask(method, path, token, content=b"{")).status_code not in refused


async def test_openapi_says_what_each_operation_needs(service: Service) -> None:
    document = (await service.ask("GET", "/openapi.json")).json()
    said = {
        (method.upper(), path): operation["security"][0]["HTTPBearer"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "security" in operation
    }
    expected = {(m, p.replace("/a", "/{id}")): [s] for m, p, s in NEEDED}
    expected["POST", "/events/{kind}"] = expected.pop(("POST", "/events/CoalitionFounded"))
    assert said == expected


async def test_a_token_of_openid_connect_has_the_same_scopes(tmp_path: Path) -> None:
    with running() as issuer:
        issuer.keys = [key := rsa("one")]
        service = Service(tmp_path, oidc_issuer=issuer.url, oidc_audience=AUDIENCE)
        reader = issuer.token(key, scope="openid people:read")
        assert (await service.ask("GET", "/subscriptions", reader)).status_code != 401
        assert (await service.ask("POST", "/consumer/resume", reader)).status_code == 403
        assert (await service.ask("GET", "/subscriptions", f"{reader}x")).status_code == 401
        issuer.keys, issuer.broken = [], True
        again = Service(tmp_path, oidc_issuer=issuer.url, oidc_audience=AUDIENCE)
        answer = await again.ask("GET", "/subscriptions", reader)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0


async def test_without_any_token_what_needs_one_is_off(tmp_path: Path) -> None:
    service = Service(tmp_path, token=None, tokens_file=None)
    answer = await service.ask("POST", "/events", "anything", json=event())
    assert answer.status_code == 403
    assert "no token" in answer.json()["detail"]


async def test_a_token_is_never_in_the_log_nor_in_an_answer(service: Service) -> None:
    token = service.token("operate")
    with structlog.testing.capture_logs() as logs:
        answers = [
            await service.ask("POST", "/events", token, json=event()),
            await service.ask("GET", "/subscriptions", f"{token}x"),
        ]
    assert token not in str(logs)
    assert all(token not in answer.text + str(answer.headers) for answer in answers)


# --- publishers -----------------------------------------------------------------------------------


async def test_a_publishers_event_goes_to_its_inbox(service: Service) -> None:
    berlin = service.token("publish:berlin")
    assert (await service.ask("POST", "/events", berlin, json=event())).status_code == 202
    path = "/events/CoalitionFounded"
    assert (await service.ask("POST", path, berlin, json=EUROPE)).status_code == 202
    one, two = service.parts.sent
    assert one.topic == two.topic == "coalition.membership.inbox.v1.berlin"
    assert dict(two.headers)["ce_source"] == b"https://berlin.example/http"


@pytest.mark.parametrize(
    ("wrong", "code", "allowed"),
    [
        (event("urn:paris"), "source", "urn:berlin"),
        (event(coalition="africa", name="Africa"), "forbidden", "europe"),
        (
            {
                **event(coalition="europe", launched="2020"),
                "type": "coalition.membership.CoalitionLaunched.v1",
            },
            "forbidden",
            FOUNDED,
        ),
    ],
)
async def test_a_publisher_speaks_for_nobody_else(
    service: Service, wrong: dict[str, Any], code: str, allowed: str
) -> None:
    berlin = service.token("publish:berlin")
    answer = await service.ask("POST", "/events", berlin, json=wrong)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], allowed in answer.json()["detail"]) == (code, True)
    batch = {"Content-Type": "application/cloudevents-batch+json"}
    listed = await service.ask(
        "POST", "/events", berlin, content=json.dumps([wrong]), headers=batch
    )
    assert (listed.status_code, listed.json()[0]["code"]) == (403, code)
    assert not service.parts.sent


@pytest.mark.parametrize(
    ("scopes", "sees"),
    [
        (["publish:berlin"], ["https://berlin.example/*", "urn:berlin"]),
        (["publish:nobody"], []),
        (["publish:berlin", "operate"], None),
        (["publish"], None),
    ],
)
async def test_a_publisher_sees_its_own_rejections_and_an_operator_all(
    tmp_path: Path, scopes: list[str], sees: list[str] | None
) -> None:
    file = tmp_path / "publishers.toml"
    file.write_text(PUBLISHERS)
    request = Request({"type": "http", "state": {"caller": Caller.of("a", scopes)}})
    assert own_sources(Publishers.load(file), request) == sees


@pytest.mark.parametrize("source", ["/coalition", "/coalition/membership", "/coalition/x/http"])
async def test_nobody_outside_speaks_as_a_service(service: Service, source: str) -> None:
    answer = await service.ask("POST", "/events", "the-operators-token", json=event(source))
    assert (answer.status_code, answer.json()["code"]) == (403, "source")
    assert not service.parts.sent


async def test_an_idempotency_key_belongs_to_its_caller(service: Service) -> None:
    for scope in ("publish", "operate"):
        token = service.token(scope, "publish")
        key = {"Idempotency-Key": "1"}
        await service.ask("POST", "/events/CoalitionFounded", token, json=EUROPE, headers=key)
    one, two = (dict(record.headers)["ce_source"] for record in service.parts.sent)
    assert one != two


async def test_a_service_that_has_halted_takes_nothing_and_says_when_to_ask(
    service: Service,
) -> None:
    service.halt = Halt("most of what it read was rejected", datetime.now(UTC))
    for path in ("/events", "/events/CoalitionFounded"):
        answer = await service.ask("POST", path, "the-operators-token", json=event())
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "halted" in answer.json()["detail"]
    assert (await service.ask("POST", "/events", json=event())).status_code == 401
    assert not service.parts.sent
