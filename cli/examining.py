"""What `coalition doctor` looks at, and what it says of each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import httpx
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from pymongo.errors import PyMongoError

from cli.access import NotApplied, lacking
from services.manifests import MANIFESTS
from shared import mongo
from shared.checks.fault import variable
from shared.checks.kafka import KafkaCheck
from shared.checks.store import SECONDS, StoreCheck
from shared.kafka import topics
from shared.kafka.connection import Connection
from shared.kafka.rights import OPERATOR, Rights

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from cli.endpoints import Endpoints
    from shared.checks.fault import Check
    from shared.manifest import Manifest
    from shared.settings import Settings

_MOST_SECONDS: Final = 30
_SKEW_SECONDS: Final = 30
"""Clocks that differ by more are worth a word; tokens and Kafka bear a minute and an hour."""


class Row(NamedTuple):
    """One thing that was looked at.

    Attributes:
        state: `advice` is no reason not to start.
        text: what is so, and what to do.
        passes: whether what is wrong may pass by itself.
        stops: whether a service could not start with what is wrong.
    """

    state: Literal["ok", "advice", "wrong"]
    text: str
    passes: bool = False
    stops: bool = True


async def service(manifest: Manifest, settings: Settings) -> list[Row]:
    """What a service would find with its settings."""
    kafka = Connection.of(settings, manifest.name)
    rights = Rights(kafka, tuple(MANIFESTS.values()), settings.publishers)
    read = [kafka.topic(source.topic) for source in manifest.sources(settings.publishers)]
    store = StoreCheck(settings, f"coalition_{manifest.name}")
    more = [make(settings) for make in manifest.checks]
    well = f"{manifest.name} reaches what it uses besides"
    others = await asyncio.gather(*(_part(check, well) for check in more))
    parts = await asyncio.gather(
        _kafka(settings.kafka, KafkaCheck(settings), _kafka_in_depth(rights, manifest.name, read)),
        _part(store, "the store takes reads and durable writes", _store_in_depth(settings)),
    )
    return [
        Row("ok", "the settings can be read"),
        *(row for rows in parts for row in rows),
        *(row._replace(stops=False) for rows in others for row in rows),
    ]


async def installation(where: Endpoints) -> list[Row]:
    """What an operator can see of an installation."""
    rights = Rights(where.connection(), tuple(MANIFESTS.values()), where.publishers)
    parts = await asyncio.gather(
        _kafka(where.kafka, KafkaCheck(where), _kafka_in_depth(rights, OPERATOR, rights.topics)),
        *(_answer(where, name) for name in MANIFESTS),
    )
    return [row for rows in parts for row in rows]


async def _kafka(
    server: str, check: Check, more: Coroutine[object, object, list[Row]]
) -> list[Row]:
    return await _part(check, f"Kafka takes us at {server}", more)


async def _part(
    check: Check, well: str, more: Coroutine[object, object, list[Row]] | None = None
) -> list[Row]:
    """What a check finds of a part, and what there is to say besides where that is nothing."""
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            faults = await check()
            if faults:
                return [Row("wrong", str(fault), fault.passes) for fault in faults]
            return [Row("ok", well), *(await more if more else ())]
    except TimeoutError:
        return [Row("wrong", f"no answer in {_MOST_SECONDS} s: {well}?", passes=True)]
    finally:
        if more:
            more.close()


async def _kafka_in_depth(rights: Rights, role: str, wanted: Sequence[str]) -> list[Row]:
    """The topics and their settings, and whether who logs in has the rights of a role."""
    kafka = rights.kafka
    try:
        async with kafka.admin() as admin:
            there = set(await admin.list_topics())
            seen = [topic for topic in wanted if topic in there]
            rows = [*_missing(rights, [topic for topic in wanted if topic not in there])]
            rows += [
                Row("advice", line)
                for line in await topics.differences(admin, seen, kafka.partitions)
            ]
            rows += [Row("advice", line) for line in await topics.weak(admin, seen)]
    except TopicAuthorizationFailedError:
        rows = [Row("advice", "the topics' settings may not be seen by this user")]
    except KafkaError as error:
        return [Row("wrong", f"{variable('kafka')}: {error!r:.200}", passes=True)]
    if not rows:
        rows = [Row("ok", f"{len(wanted)} topics are there, with the settings that they need")]
    return [*rows, *await asyncio.to_thread(_rights, rights, role)]


def _missing(rights: Rights, names: Iterable[str]) -> Iterable[Row]:
    for name in names:
        owner = next(m.name for m in rights.manifests if name in rights.topics_of(m))
        what = f"{owner} makes it when it starts, if it may; or `coalition topics --apply`"
        yield Row("advice", f"the topic {name} is not there, or may not be seen: {what}")


def _rights(rights: Rights, role: str) -> list[Row]:
    user = rights.kafka.security.username
    if not user:
        return []
    wanted = [right for right in rights.table() if right.principal == rights.user(role)]
    try:
        missing = lacking(rights.kafka, wanted)
    except NotApplied as error:
        return [Row("advice", f"Kafka does not say what {user} may do: {error}")]
    setting, hint = variable("kafka_username"), "`coalition acls --apply` grants it"
    return [
        Row("wrong", f"{setting}: {user} may not {one.operation} the {one.kind} {one.name}: {hint}")
        for one in missing
    ] or [Row("ok", f"{user} has the {len(wanted)} rights of {role}")]


async def _store_in_depth(settings: Settings) -> list[Row]:
    """Its version, whether it is a replica set, and its clock."""
    client = mongo.connect(
        settings.mongodb.get_secret_value(), "coalition-doctor", answer_within=SECONDS
    )
    try:
        hello = await client.admin.command("hello")
        version = (await client.admin.command("buildInfo")).get("version", "?")
    except PyMongoError as error:
        return [Row("advice", f"the store does not say its version: {type(error).__name__}")]
    finally:
        await client.close()
    rows = [Row("ok", f"the store is MongoDB {version}")]
    if "setName" not in hello:
        text = "the store is no replica set: one disk has all, and an outage of it is ours"
        rows.append(Row("advice", f"{variable('mongodb')}: {text}"))
    if local := hello.get("localTime"):
        rows += _clock("the store", local.replace(tzinfo=UTC))
    return rows


async def _answer(where: Endpoints, name: str) -> list[Row]:
    """What a service says of itself, and whether it takes the token."""
    url, setting = where.url(name), variable(f"{name}_url")
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            alive, ready = await client.get(f"{url}/healthz"), await client.get(f"{url}/readyz")
            bearer = await client.get(
                f"{url}/rejected", params={"limit": 1}, headers=where.bearer()
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = f"{url} does not answer: {type(error).__name__}: start it, or set its address"
        return [Row("wrong", f"{setting}: {reason}", passes=True)]
    rows = [_ready(name, ready), *_webhooks(ready)]
    if bearer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        reason = f"{name} does not take this token for what operators do ({bearer.status_code})"
        rows.append(Row("wrong", f"{variable('token')}: {reason}"))
    release, ours = _release(alive), metadata.version("coalition")
    if release not in {"", ours}:
        rows.append(Row("advice", f"{name} is release {release}, and this command {ours}"))
    if date := alive.headers.get("date"):
        rows += _clock(name, parsedate_to_datetime(date))
    return rows


def _ready(name: str, answer: httpx.Response) -> Row:
    if answer.is_success:
        return Row("ok", f"{name} is ready")
    try:
        body = answer.json()
        halted = body.get("halted") or {}
    except (ValueError, AttributeError):
        return Row(
            "wrong", f"{variable(f'{name}_url')}: no service of ours answers ({answer.status_code})"
        )
    if halted:
        return Row("wrong", f"{name} is halted ({halted['code']}): {halted['remedy']}")
    parts = [part for part in ("assigned", "kafka", "store") if not body.get(part)]
    why = ", ".join(f"{part}: no" for part in parts) or "see its /readyz"
    return Row("wrong", f"{name} is not ready ({why}): its log says more", passes=True)


def _webhooks(answer: httpx.Response) -> list[Row]:
    """Those to which nothing is sent any more, or nothing arrives."""
    try:
        found = answer.json().get("webhooks") or {}
    except (ValueError, AttributeError):
        return []
    stopped = [
        f"the webhook {id_} is stopped ({reason}): mend its receiver, then"
        f" `coalition webhooks resume {id_}`"
        for id_, reason in found.get("stopped", {}).items()
    ]
    failing = [
        f"the webhook {id_} takes nothing: `coalition webhooks show {id_}` says why"
        for id_ in found.get("failing", ())
        if id_ not in found.get("stopped", {})
    ]
    return [Row("wrong", line, stops=False) for line in stopped] + [
        Row("advice", line) for line in failing
    ]


def _release(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("release", ""))
    except (ValueError, AttributeError):
        return ""


def _clock(whose: str, there: datetime) -> list[Row]:
    skew = (there - datetime.now(UTC)).total_seconds()
    if abs(skew) <= _SKEW_SECONDS:
        return []
    side = "ahead of" if skew > 0 else "behind"
    return [Row("advice", f"the clock of {whose} is {abs(skew):.0f} s {side} ours: set both right")]
