"""Announcements as e-mails: what is queued of them, and what the clock says of them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import structlog

from services.notifications.domain import KIND
from services.notifications.domain.announcements.decide import BY_ANNOUNCEMENT, audience
from services.notifications.domain.announcements.state import KIND as ANNOUNCEMENTS
from services.notifications.domain.announcements.state import Announcement, AnnouncementState
from shared.access.scopes import Scope
from shared.cloudevents import derived_id
from shared.contracts.catalogue import called
from shared.contracts.notifications import (
    AnnouncementFellDue,
    AnnouncementQueued,
    AnnouncementTested,
    Detail,
    NotificationQueued,
    Recipients,
)
from shared.domain.stream import Stream
from shared.outlasting import outlasted
from shared.pipeline.outbound import to_itself
from shared.pipeline.tolerant import read, read_each
from shared.web.authentication import needs
from shared.web.paging import Limit, Page, page
from shared.web.parameters import After, ItsId
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.homes import HomeLookup
    from services.notifications.subscriptions import Subscriptions
    from shared.contracts.base import Event
    from shared.kafka.producer import Publisher
    from shared.pipeline.engine import Clock

log = structlog.get_logger()

INDEXES: Final = {ANNOUNCEMENTS: (("state",),)}
_EVERY: Final = timedelta(seconds=5)
_AT_ONCE: Final = 100
_READS: Final = [needs(Scope.PUBLISH, or_=Scope.READ_PEOPLE)]


class ShownAnnouncement(Announcement):
    """An announcement as HTTP shows it.

    Attributes:
        audience: how many it would go to now.
    """

    audience: int


class Announcing:
    """Asks now and then which announcements may go out, and says so to notifications itself.

    Any number of processes may: the decision looks at the clock, and a second one changes nothing.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        publisher: Publisher,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._announcements = database[ANNOUNCEMENTS]
        self._publisher, self._clock = publisher, clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Ask again and again until the process stops."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _EVERY.total_seconds())
                return
            await outlasted(self.ask(), stopping)

    async def ask(self) -> int:
        """Ask once; returns how many may go out."""
        now = self._clock()
        found = self._announcements.find({"state": "released"}).limit(_AT_ONCE)
        released = [one async for one in read_each(Announcement, found)]
        due = [one for one in released if one.goes_out and one.goes_out <= now]
        # What came too early, by a clock ahead of the others, is said once more a minute later.
        await self._publisher.send(
            [
                to_itself(
                    "notifications",
                    AnnouncementFellDue(announcement=one.id),
                    derived_id(AnnouncementFellDue.type, one.id, f"{now:%Y-%m-%dT%H:%M}"),
                )
                for one in due
            ]
        )
        if due:
            log.info("announcements_due", count=len(due))
        return len(due)


def routes(
    database: AsyncDatabase[dict[str, Any]], subscriptions: Subscriptions, homes: HomeLookup
) -> Router:
    """The routes that show announcements, drafts as well: for those who may publish."""
    router = Router(tags=["announcements"])
    kept = database[ANNOUNCEMENTS]

    @router.get("/announcements", dependencies=_READS)
    async def announcements(
        state: AnnouncementState | None = None, after: After = "", limit: Limit = 50
    ) -> Page[Announcement]:
        """What offices announce, or are about to; paged."""
        return await page(kept, Announcement, {"state": state}, after, limit)

    @router.get("/announcements/{id}", dependencies=_READS)
    async def announcement(id_: ItsId) -> ShownAnnouncement:
        """An announcement, and how many it would go to now."""
        document = await kept.find_one({"_id": id_})
        if document is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"no announcement {id_!r} was drafted")
        found = read(Announcement, document)
        interests = (await subscriptions.interests()).all
        people = audience(found, interests, await homes.homes(), datetime.now(UTC))
        return ShownAnnouncement.model_validate({**found.model_dump(), "audience": len(people)})

    return router


def queued_of(event: Event) -> tuple[NotificationQueued, Stream] | None:
    """Who is sent an e-mail because of an event, and the stream in which that was decided."""
    if isinstance(event, NotificationQueued):
        return event, Stream(KIND, event.notification)
    if isinstance(event, AnnouncementQueued):
        id_ = f"{BY_ANNOUNCEMENT}.{event.announcement}"
        return _queued(event, id_, event.decided, event.recipients), _stream(event)
    if isinstance(event, AnnouncementTested) and event.tested:
        to = Recipients(how="at once", rule=BY_ANNOUNCEMENT, subscriptions=(event.subscription,))
        return _queued(event, f"{event.test}", event.tested, (to,)), _stream(event)
    return None


def in_language(texts: dict[Any, str], language: str) -> str:
    """A text in a language, else in English, else in the first that there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def _stream(event: AnnouncementQueued | AnnouncementTested) -> Stream:
    return Stream(ANNOUNCEMENTS, event.announcement)


def _queued(
    event: AnnouncementQueued | AnnouncementTested,
    notification: str,
    decided: datetime,
    recipients: tuple[Recipients, ...],
) -> NotificationQueued:
    """An announcement as notifications are; the same one is the same e-mail to each."""
    return NotificationQueued(
        notification=notification,
        about=event.announcement,
        kind=called(event.type),
        event_type=event.type,
        data=event.model_dump(mode="json", exclude={"recipients"}, exclude_none=True),
        decided=decided,
        headline=in_language(event.titles, "en"),
        details=(
            Detail(label="Sent by", text=event.office or "-"),
            Detail(label="Text", text=in_language(event.texts, "en")),
        ),
        recipients=recipients,
    )
