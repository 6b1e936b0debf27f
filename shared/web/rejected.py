"""What a service rejected, for people: about whom, from whom, and whether it was mended since."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import Query, Request

from shared.access.scopes import Scope
from shared.context_attributes import MAX_ATTRIBUTE
from shared.contracts import catalogue
from shared.contracts.base import Model
from shared.contracts.numbers import WHOLE
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Outcome
from shared.web.authentication import needs
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.journal.store import Journal
    from shared.manifest import Manifest

Whose = Callable[[Request], Sequence[str] | None]
"""The sources whose rejections a caller may see, one that ends with `*` for all that begin so; None
for all."""
Mended = Literal["replayed", "sent again", "a later event"]

_UNREAD: Final = "unread"
"""The kind of stream that what could not be read as an event is kept in."""
_NAME: Final = re.compile(r"[A-Z][A-Za-z]{0,60}(\.v[0-9]{1,3})?")
"""What one of our types is called where its service is known."""
_Text = Annotated[str | None, Query(max_length=MAX_ATTRIBUTE)]
_Since = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?)?$",
        description="A day, or a time in UTC.",
        examples=["2026-11-26", "2026-11-26T08:30Z"],
    ),
]


class Rejection(Model):
    """An event that was rejected; its body is not shown, since it may hold anything.

    Attributes:
        about: the id of the member or coalition that it is about, as far as that is clear.
        source: who sent it, as far as that could be read.
        code: the kind of the reason.
        origin: where the record lies: topic/partition/offset.
        mended: how it was put right since: this record was replayed and taken, the event was sent
            again under its id and taken, or a later one of this source and type was taken, about
            the same.
    """

    recorded: datetime
    about: str | None
    type: str
    source: str | None
    id: str | None
    code: str
    reason: str
    origin: str
    mended: Mended | None = None


class Rejections(Model):
    """Some of what was rejected, the newest first; `next` is the `after` of the next page."""

    items: tuple[Rejection, ...]
    next: str | None = None


def routes(
    manifest: Manifest,
    journal: Journal,
    kinds: Sequence[str],
    whose: Whose,
) -> Router:
    """`GET /rejected`.

    Args:
        manifest: of the service.
        journal: what it decided.
        kinds: of its aggregates.
        whose: the sources that a caller is restricted to.
    """
    trusted = needs(Scope.OPERATE, or_=Scope.PUBLISH)
    router = Router(tags=["operating"], dependencies=[trusted])

    @router.get("/rejected")
    async def rejected(  # noqa: PLR0913, PLR0917 - each filter is a parameter
        request: Request,
        code: _Text = None,
        type: _Text = None,  # noqa: A002 - as the attribute is called
        about: _Text = None,
        source: _Text = None,
        since: _Since = None,
        after: Annotated[str, Query(max_length=MAX_ATTRIBUTE)] = "",
        limit: Annotated[int, Query(ge=1, le=100), WHOLE] = 50,
    ) -> Rejections:
        """What could not be accepted, and why; the newest first.

        `type` may be a name alone, as `CitySigned`; `about` is a member's or a coalition's id.
        """
        equal = {"code": code, "type": _full(type, manifest), "sender": source}
        wanted = _wanted(equal, about, whose(request), kinds)
        begin = (since or "").removesuffix("Z")
        found = await journal.rejected(wanted, since=begin, before=after, limit=limit + 1)
        return await _page(journal, found, limit, kinds)

    return router


def _full(type_: str | None, manifest: Manifest) -> str | None:
    """The type that a name alone stands for; any other text is a type of somebody else's."""
    is_name = type_ is not None and _NAME.fullmatch(type_)
    return catalogue.typed(manifest.name, type_) if type_ and is_name else type_


async def _page(
    journal: Journal, found: Sequence[Entry], limit: int, kinds: Sequence[str]
) -> Rejections:
    page = found[:limit]
    mended = await _mended(journal, page, kinds)
    items = tuple(_rejection(*pair) for pair in zip(page, mended, strict=True))
    return Rejections(items=items, next=page[-1].place if len(found) > limit else None)


def _wanted(
    equal: Mapping[str, str | None],
    about: str | None,
    sources: Sequence[str] | None,
    kinds: Sequence[str],
) -> list[dict[str, Any]]:
    wanted: list[dict[str, Any]] = [{k: value} for k, value in equal.items() if value is not None]
    wanted += [_about(about, kinds)] if about is not None else []
    return wanted + ([_of(sources)] if sources is not None else [])


def _about(id_: str, kinds: Sequence[str]) -> dict[str, Any]:
    streams = [Stream(kind, id_) for kind in kinds]
    return {"$or": [{"subject": id_}, {"stream": {"$in": streams}}]}


def _of(sources: Sequence[str]) -> dict[str, Any]:
    patterns = [
        f"{re.escape(one[:-1])}.*" if one.endswith("*") else re.escape(one) for one in sources
    ]
    return {"sender": {"$regex": f"^({'|'.join(patterns)})$"} if patterns else {"$in": []}}


async def _mended(
    journal: Journal, page: Sequence[Entry], kinds: Sequence[str]
) -> list[Mended | None]:
    """How each of a page was mended since, if it was."""
    keys = {key for entry in page for key in (_again(entry), _replayed(entry))}
    found = await journal.find(keys)
    return await asyncio.gather(*(_mended_by(journal, entry, found, kinds) for entry in page))


async def _mended_by(
    journal: Journal, entry: Entry, found: Mapping[Key, Entry], kinds: Sequence[str]
) -> Mended | None:
    if _mends(found.get(_replayed(entry)), entry):
        return "replayed"
    if _mends(found.get(_again(entry)), entry):
        return "sent again"
    if not (entry.sender and (subject := _subject(entry))):
        return None
    later = await journal.newest([Stream(kind, subject) for kind in kinds], entry.type)
    is_mended = any(_mends(one, entry) and one.sender == entry.sender for one in later)
    return "a later event" if is_mended else None


def _mends(one: Entry | None, entry: Entry) -> bool:
    if one is None or one.outcome is Outcome.REJECTED or one.unreadable:
        return False
    return one.type == entry.type and _is_later(one, entry)


def _is_later(one: Entry, entry: Entry) -> bool:
    if one.recorded == entry.recorded and one.origin[:2] == entry.origin[:2]:
        return one.origin.offset > entry.origin.offset  # in one batch
    return one.recorded > entry.recorded


def _again(entry: Entry) -> Key:
    """The identity of the same event, sent again."""
    key = entry.about or entry.key
    return Key(key.source, key.id)


def _replayed(entry: Entry) -> Key:
    """The identity of a replay of this record."""
    return Key(*_again(entry)[:2], str(entry.origin))


def _subject(entry: Entry) -> str:
    return entry.subject if entry.subject or entry.stream.kind == _UNREAD else entry.stream.id


def _rejection(entry: Entry, mended: Mended | None) -> Rejection:
    return Rejection(
        recorded=entry.recorded,
        about=_subject(entry) or None,
        type=entry.type,
        source=entry.sender or None,
        id=_again(entry).id if entry.sender else None,
        code=entry.code,
        reason=entry.reason,
        origin=str(entry.origin),
        mended=mended,
    )
