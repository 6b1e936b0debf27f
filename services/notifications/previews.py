"""Each kind of e-mail in each language, of the examples of the contracts: nobody's data."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Path
from fastapi.responses import HTMLResponse
from pydantic_core import to_json

from services.notifications import drawing, letters
from services.notifications.delivery import Delivery, DeliveryState, Notice
from services.notifications.domain import (
    NOTIFIED,
    Language,
    Named,
    Names,
    Reader,
    namings,
)
from services.notifications.domain.announcements.decide import BY_ANNOUNCEMENT
from services.notifications.domain.content.letters import announcement
from services.notifications.subscription import Subscription
from shared.access.scopes import Scope
from shared.contracts.base import EVENT_TYPES, Model
from shared.contracts.catalogue import called
from shared.contracts.notifications import AnnouncementDrafted, AnnouncementQueued
from shared.contracts.schemas import example
from shared.nearest import meant
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.paging import Listing
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.notifications.domain import Letter

DIGEST: Final = "Digest"
ANNOUNCEMENT: Final = called(AnnouncementQueued.type)
_OF_NO_EVENT: Final = frozenset({DIGEST, letters.WELCOME})
_TOLD: Final = (
    *("MemberAdmitted", "CommitmentUpdated", "ReportReminded", "ConferenceAnnounced"),
    "PublicationAnnounced",
)
"""What the example of a digest tells."""
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""Styles stand in the elements, as mail clients want them; nothing else is taken, nor runs."""
Kind = Annotated[
    str,
    Path(
        description="A kind of event, `Digest` or `Welcome`.",
        max_length=61,
        examples=["CitySigned"],
    ),
]


class Previewed(Model):
    """A kind of e-mail, and what its subject is in English."""

    kind: str
    subject: str


@cache
def examples() -> Mapping[str, dict[str, Any]]:
    """The example of each type of event."""
    found = {type_: example(type_) for type_ in EVENT_TYPES}
    return {type_: data for type_, data in found.items() if data}


def kinds() -> list[str]:
    """The kinds of e-mails that there are."""
    return [
        *sorted(called(event.type) for event in NOTIFIED),
        ANNOUNCEMENT,
        DIGEST,
        letters.WELCOME,
    ]


def letter(kind: str, language: Language) -> tuple[Letter, Reader]:
    """The example of a kind of e-mail, and who reads it.

    Raises:
        KeyError: there is no such kind; the message names the nearest.
    """
    if kind not in kinds():
        raise KeyError(f"there is no e-mail of a kind {kind!r}; {meant(kind, kinds())}")
    reader = Reader(language, names())
    return letters.letter(delivery(kind), person(language), reader), reader


def html(kind: str, language: Language) -> str:
    """The example of a kind of e-mail as HTML, with what is its reader's own.

    Raises:
        KeyError: there is no such kind.
    """
    example, reader = letter(kind, language)
    return drawing.filled(drawing.html(example, reader), _own(kind, reader), escaped=True)


def plain(kind: str, language: Language) -> str:
    """The example of a kind of e-mail as plain text.

    Raises:
        KeyError: there is no such kind.
    """
    example, reader = letter(kind, language)
    return drawing.filled(drawing.plain(example, reader), _own(kind, reader), escaped=False)


def as_page(html: str) -> str:
    """An e-mail as a page by itself: a mail program has landmarks and a colour around it.

    The colours are the browser's own, by day and by night; they are named, so that tools that look
    at contrast see what people see.
    """
    opened = '<body style="background: Canvas; color: CanvasText"><main>'
    return html.replace("<body>", opened).replace("</body>", "</main></body>")


def announced(event: AnnouncementDrafted, language: Language) -> tuple[str, str]:
    """An announcement as who reads a language gets it, as plain text and as HTML."""
    reader = Reader(language)
    said, own = announcement(event, reader), _own(ANNOUNCEMENT, reader)
    return (
        drawing.filled(drawing.plain(said, reader), own, escaped=False),
        drawing.filled(drawing.html(said, reader), own, escaped=True),
    )


def person(language: Language) -> Subscription:
    """Who gets the examples."""
    own = {"id": "example", "name": "Nour", "address": "nour@example.org", "role": "focal point"}
    return Subscription.model_validate(
        {**own, "language": language, "members": ["de-city-potsdam"], "zone": "Europe/Berlin"}
    )


def delivery(kind: str) -> Delivery:
    """The example of a delivery of a kind."""
    rule = BY_ANNOUNCEMENT if kind == ANNOUNCEMENT else next(iter(dict(person("en").ruled)))
    notice = _notice(kind).model_dump() if kind not in _OF_NO_EVENT else {}
    items = tuple(map(_notice, _TOLD)) if kind == DIGEST else ()
    own = {"items": items, "how": "daily", "dated": "2026-01-01"} if items else {"rule": rule}
    common = {"id": "example", "subscription": "example", "state": DeliveryState.QUEUED}
    named = {"kind": kind, "about": "example", "headline": kind, "due": _NOW}
    return Delivery.model_validate({**named, **notice, **common, **own})


def _notice(kind: str) -> Notice:
    type_ = next(type_ for type_ in EVENT_TYPES if called(type_) == kind)
    data = examples()[type_]
    return Notice(
        kind=kind,
        about="example",
        event_type=type_,
        data=to_json(data).decode(),
        coalition=data.get("coalition"),
        headline=kind,
    )


@cache
def names() -> Names:
    """What the examples tell of what is called how."""
    found: dict[str, Named | None] = {}
    for type_, data in examples().items():
        for naming in namings(EVENT_TYPES[type_].model_validate(data)):
            before = found.get(naming.key) or Named(naming.key)
            names = {**before.names, **(naming.names or {})}
            found[naming.key] = Named(naming.name or before.name, names)
    return Names(found)


def _own(kind: str, reader: Reader) -> Mapping[str, str]:
    """What is its reader's own in an example."""
    return {
        "why": letters.why(delivery(kind), person(reader.language), reader),
        "change": letters.change("coalition@example.org", reader),
    }


def routes() -> Router:
    """The routes of the previews."""
    router = Router(tags=["previews"], dependencies=[needs(Scope.READ_PEOPLE)])

    @router.get("/previews")
    async def previews() -> Listing[Previewed]:
        """Each kind of e-mail that there is."""
        found = (Previewed(kind=one, subject=letter(one, "en")[0].subject) for one in kinds())
        return Listing(items=[*found])

    @router.get(
        "/previews/{kind}",
        response_class=HTMLResponse,
        responses={404: failure("There is no such kind of e-mail.")},
    )
    async def preview(kind: Kind, language: Language = "en") -> HTMLResponse:
        """A kind of e-mail as its reader sees it, of the example of its event."""
        try:
            page = as_page(html(kind, language))
        except KeyError as error:
            raise Problem(HTTPStatus.NOT_FOUND, str(error.args[0])) from None
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    return router
