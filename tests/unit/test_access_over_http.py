"""Who may do what over HTTP, and what every answer has; in process, on parts that only look on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
import structlog
from fastapi import Request
from pydantic import SecretStr

from services.manifests import MANIFESTS
from services.notifications import api
from shared.access import tokens
from shared.access.scopes import Caller
from shared.pipeline.breaker import Halt
from shared.pipeline.progress import Progress
from shared.publishers import Publishers
from shared.settings import Settings
from shared.web import app as web
from shared.web import operating
from shared.web.health import Health
from shared.web.intake import own_sources
from shared.web.waiting import OutcomeWatcher
from tests.issuer import AUDIENCE, rsa, running

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fastapi import FastAPI

    from shared.kafka.producer import Outgoing

FOUNDED: Final = "coalition.membership.CoalitionFounded.v1"
PUBLISHERS: Final = f"""
[[publisher]]
name = "berlin"
sources = ["https://berlin.example/*", "urn:berlin"]
types = ["{FOUNDED}"]
coalitions = ["europe"]
"""
EUROPE: Final = {"coalition": "europe", "name": "Europe"}


class Parts:
    """The inbox, the journal and the store: what was sent where, and nothing that was decided."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.sent += records

    async def get(self, *_: str) -> list[Any]:
        return []

    async def page(self, *_: Any) -> dict[str, Any]:
        return {"items": [], "total": 0}

    async def resume(self) -> bool:
        return True

    async def subscriptions(self, *_: Any) -> dict[str, Any]:
        return {"items": [], "total": 0}

    async def remove(self, _: str) -> bool:
        return True

    def ask(self) -> None:
        self.running, self.written, self.unreadable = True, 0, ()


class Service:
    """Notifications' and membership's routes in one application, and a client of it."""

    def __init__(self, folder: Path, **more: Any) -> None:
        parts: Any = Parts()
        self.parts = parts
        self.halt: Halt | None = None
        self.file = folder / "tokens.toml"
        self.file.write_text("")
        publishers = folder / "publishers.toml"
        publishers.write_text(PUBLISHERS)
        settings = Settings(
            **{
                "token": SecretStr("the-operators-token"),
                "tokens": self.file,
                "publishers": publishers,
                **more,
            }
        )
        state = Health(Progress(), halted=lambda: self.halt)
        self.app: FastAPI = web.build(
            MANIFESTS["membership"],
            settings,
            self.parts,
            self.parts,
            watcher=OutcomeWatcher(self.parts),
            state=state,
        )
        self.app.include_router(api.routes(parts, parts, parts))
        self.app.include_router(operating.routes(self.parts, self.parts))

    def token(self, *scopes: str, more: str = "") -> str:
        token = tokens.new()
        named = json.dumps(scopes)
        with self.file.open("a") as file:
            digest = tokens.digest_of(token)
            file.write(f'{scopes[0].replace(":", "-")} = {{ sha256 = "{digest}", scopes = {named}')
            file.write(f"{more} }}\n")
        return token

    async def ask(
        self, method: str, path: str, token: str = "", client: str = "192.0.2.1", **more: Any
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(client, 1234))
        headers = {**more.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            return await http.request(method, path, headers=headers, **more)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def event(source: str = "urn:berlin", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": source,
        "type": FOUNDED,
        "data": data or EUROPE,
    }


NEEDED: Final = [
    ("GET", "/subscriptions", "people:read"),
    ("POST", "/subscriptions", "people:write"),
    ("DELETE", "/subscriptions/a", "people:write"),
    ("POST", "/deliveries/requeue", "operate"),
    ("POST", "/consumer/resume", "operate"),
    ("POST", "/views/rebuild", "operate"),
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

    others = {"people:read", "people:write", "operate", "publish"} - {scope}
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
    expected = {(m, p.replace("/a", "/{id_}")): [s] for m, p, s in NEEDED}
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
    service = Service(tmp_path, token=None, tokens=None)
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


# --- every request and every answer ---------------------------------------------------------------


async def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_answered(
    tmp_path: Path,
) -> None:
    service = Service(tmp_path, rate_address=10, rate_caller=10)
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


async def test_docs_ask_nobody_else_for_anything(service: Service) -> None:
    page = (await service.ask("GET", "/docs")).text
    assert "/subscriptions" in page
    assert "people:read" in page
    for loads in ("http://", "https://", "src=", "<script", "<link", "url(", "@import"):
        assert loads not in page


@pytest.mark.parametrize(
    ("query", "where", "hint"),
    [
        ("limt=10", "query.limt", "limit is one"),
        ("xyz=1", "query.xyz", "there are"),
        ("limit=10&limit=20", "query.limit", "given more than once"),
    ],
)
async def test_a_parameter_that_is_none_is_refused_with_the_right_one(
    service: Service, query: str, where: str, hint: str
) -> None:
    answer = await service.ask("GET", f"/deliveries?{query}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["where"] == where
    assert hint in error["reason"]
    assert hint in answer.json()["detail"]


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
