"""The header fields by which mail clients sort, thread and unsubscribe (RFC 2919, 5322, 8058)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, get_args

from services.notifications import headers
from services.notifications.domain.unsubscribing import OF_A_KIND
from services.notifications.signing import Link, Purpose
from shared.contracts.catalogue import called
from shared.contracts.notifications import AnnouncementQueued, AnnouncementTested, Frequency

if TYPE_CHECKING:
    from services.notifications.delivery import Delivery
    from services.notifications.signing import Signer
    from services.notifications.subscription import Subscription
    from shared.addresses import Mailbox

_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""What a part of a list's id may be, as in the name of a host."""
_LATER: Final = get_args(Frequency)
_OF_ALL: Final = "all"
_ANNOUNCED: Final = {called(AnnouncementQueued.type), called(AnnouncementTested.type)}


def fields(
    delivery: Delivery, person: Subscription, sender: Mailbox, signer: Signer | None
) -> tuple[str, ...]:
    """Which list it is of, what it belongs to, and by which link its reader unsubscribes.

    One-click unsubscribing needs a public address; without one, the sender is written to.
    """
    domain = sender.address.rpartition("@")[2]
    found = [headers.mailbox("List-Id", sender.name, f"{_list(delivery)}.{domain}")]
    if not found[0].endswith(">"):
        found[0] = f"List-Id: <{_list(delivery)}.{domain}>"
    if _LABEL.fullmatch(delivery.about):
        found.append(f"References: <about.{delivery.about}@{domain}>")
    if signer is None:
        return (*found, f"List-Unsubscribe: <mailto:{sender.address}?subject=unsubscribe>")
    address = signer.address(Purpose.UNSUBSCRIBE, _link(delivery, person))
    return (
        *found,
        f"List-Unsubscribe:{headers.FOLD}<{address}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    )


def page(person: Subscription, signer: Signer) -> str:
    """The address of a person's page."""
    return signer.address(Purpose.PAGE, Link(subscription=person.id, revision=person.links))


def calendar(person: Subscription, signer: Signer) -> str:
    """The address of a person's calendar."""
    return signer.address(Purpose.CALENDAR, Link(subscription=person.id, revision=person.links))


def ended_by(delivery: Delivery) -> str | None:
    """What unsubscribing from an e-mail ends; None is all, where no single thing brought it."""
    if delivery.kind in _ANNOUNCED:
        return f"{OF_A_KIND}{called(AnnouncementQueued.type)}"
    if delivery.rule:
        return delivery.rule
    return delivery.how if delivery.how in _LATER else None


def _link(delivery: Delivery, person: Subscription) -> Link:
    return Link(subscription=person.id, revision=person.links, rule=ended_by(delivery))


def _list(delivery: Delivery) -> str:
    coalition = delivery.coalition or _OF_ALL
    return coalition if _LABEL.fullmatch(coalition) else _OF_ALL
