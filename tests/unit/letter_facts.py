"""Deliveries to a person, and the e-mails that become of them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any, Final

from services.notifications.delivery import Delivery, DeliveryState, Notice, RecordedDetail
from services.notifications.domain import (
    Named,
    Names,
    details,
    headline,
)
from services.notifications.emails import render
from services.notifications.subscription import Subscription
from shared.addresses import Mailbox
from shared.contracts import membership, plans
from shared.contracts.base import Event, MemberRef

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
BONN: Final = MemberRef(name="Bonn", country="DE", kind="city")
SENDER: Final = Mailbox("Coalition", "coalition@example.org")
NAMES: Final = Names(
    {
        "coalitions/europe": Named("European Coalition", {"fr": "Coalition européenne"}),
        "members/de-city-bonn": Named("Bonn", {"ar": "بون"}),
        "members/de-city-ulm": Named("Ulm"),
        "conferences/rome": Named("Conference of Rome"),
        "decisions/europe/d-1": Named("Bonn is admitted"),
        "organs/europe/board": Named("The Board"),
        "local-plans/bonn-2020": Named("Bonn for all"),
    }
)


def update(point: int, status: str, before: str | None = None, **more: Any) -> Event:
    fields = {"member": BONN, "point": point, "status": status, "status_before": before, **more}
    return plans.CommitmentUpdated.model_validate(
        {"coalition": "europe", "as_of": "2020", "title": f"Title {point}", **fields}
    )


def notice(event: Event, **more: Any) -> Notice:
    return Notice(
        kind=type(event).__name__,
        about=event.subject,
        coalition=getattr(event, "coalition", None),
        event_type=event.type,
        data=event.model_dump_json(exclude_none=True),
        headline=headline(event),
        details=tuple(RecordedDetail(label=one.label, text=one.text) for one in details(event)),
        **more,
    )


def delivery(*events: Event, **more: Any) -> Delivery:
    """About one event, or a digest of several."""
    items = tuple(notice(event) for event in events)
    own = items[0].model_dump() if len(items) == 1 else {"kind": "Digest", "items": items}
    common = {"id": "1.a", "subscription": "a", "state": DeliveryState.SENDING, "due": NOW}
    return Delivery.model_validate({"about": "a", "headline": "", **own, **common, **more})


def person(language: str = "en", **more: Any) -> Subscription:
    own = {"id": "a", "name": "Nour", "address": "nour@example.org", "language": language}
    return Subscription.model_validate({**own, **more})


def mail(about: Delivery, to: Subscription, names: Names = NAMES) -> Any:
    """An e-mail as it comes out at the other end of SMTP."""
    return message_from_bytes(render(about, to, SENDER, NOW, names).content, policy=policy.default)


def text(about: Delivery, to: Subscription, names: Names = NAMES) -> str:
    return str(mail(about, to, names).get_body(("plain",)).get_content())


def page(about: Delivery, to: Subscription) -> str:
    return str(mail(about, to).get_body(("html",)).get_content())


SIGNED: Final = membership.CitySigned(
    coalition="europe", coalition_name="Europe", member=BONN, signed="2006-08", state="member"
)
