"""What an announcement is after an event that was published. Nothing is refused here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.announcements.state import Announcement

if TYPE_CHECKING:
    from shared.contracts.notifications import (
        AnnouncementCancelled,
        AnnouncementDrafted,
        AnnouncementQueued,
        AnnouncementReleased,
    )

_DRAFTED: Final = ("office", "titles", "texts", "coalitions", "roles", "drafted")


def drafted(announcement: Announcement | None, event: AnnouncementDrafted) -> Announcement:
    """Say what this draft says, and nothing of an earlier one."""
    del announcement
    said = {field: getattr(event, field) for field in _DRAFTED}
    edition = event.edition or 1
    return Announcement(id=event.announcement, edition=edition, state="draft", **said)


def released(announcement: Announcement, event: AnnouncementReleased) -> Announcement:
    """Wait for the time at which it goes out."""
    return announcement.model_copy(update={"state": "released", "goes_out": event.goes_out})


def cancelled(announcement: Announcement, event: AnnouncementCancelled) -> Announcement:
    """Not go out."""
    off = {"state": "cancelled", "goes_out": None, "reason": event.reason}
    return announcement.model_copy(update=off)


def queued(announcement: Announcement, event: AnnouncementQueued) -> Announcement:
    """Go out, to those of a further part as well."""
    count = announcement.recipients + sum(len(one.subscriptions) for one in event.recipients)
    return announcement.model_copy(update={"state": "sent", "recipients": count})
