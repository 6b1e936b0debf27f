"""What a delivery tells, as a letter in its reader's language, of what was kept of the events."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from services.notifications import domain
from services.notifications.domain import News, digest, of_one, welcome
from shared.contracts import lenient
from shared.contracts.base import EVENT_TYPES
from shared.contracts.notifications import Detail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.notifications.delivery import Delivery, Notice, RecordedDetail
    from services.notifications.domain import Letter, Reader
    from services.notifications.subscription import Subscription
    from shared.contracts.base import Event

WELCOME: Final = "Welcome"
"""The kind of a delivery that tells of no event, but of what its reader will be told."""


def letter(delivery: Delivery, subscription: Subscription, reader: Reader) -> Letter:
    """What an e-mail says."""
    if delivery.kind == WELCOME:
        return welcome(subscription, reader)
    if delivery.items:
        news = [_news(item) for item in delivery.items]
        return digest(news, delivery.how, delivery.dated, reader)
    content = (delivery.event_type, delivery.data, delivery.headline, delivery.details)
    return _of_one(*content, reader)


def why(delivery: Delivery, subscription: Subscription, reader: Reader) -> str:
    """Why its reader gets it."""
    return domain.why(delivery.rule, subscription, reader)


def change(sender: str, reader: Reader) -> str:
    """Where its reader changes what they get."""
    return reader.phrase("To change what you get, write to {sender}.").format(sender=sender)


def events(delivery: Delivery) -> Iterator[Event]:
    """The events of which it tells, as far as they can be read."""
    for notice in delivery.items or (delivery,):
        if event := event_of(notice.event_type, notice.data):
            yield event


@lru_cache(1024)
def event_of(type_: str, data: str) -> Event | None:
    """An event as it was published; None where it can be read no more."""
    model = EVENT_TYPES.get(type_)
    try:
        return lenient.read_json(model, data.encode()) if model and data else None
    except ValidationError:
        return None


@lru_cache(256)
def _of_one(
    type_: str, data: str, headline: str, details: tuple[RecordedDetail, ...], reader: Reader
) -> Letter:
    """What all who read one language are told of an event: made once, since that is dear."""
    return of_one(News(event_of(type_, data), headline, _read(details)), reader)


def _news(notice: Notice) -> News:
    event = event_of(notice.event_type, notice.data)
    return News(event, notice.headline, _read(notice.details), notice.coalition, notice.dated)


def _read(details: tuple[RecordedDetail, ...]) -> tuple[Detail, ...]:
    """Details as they were recorded, without the contracts' bounds."""
    return tuple(Detail.model_construct(label=one.label, text=one.text) for one in details)
