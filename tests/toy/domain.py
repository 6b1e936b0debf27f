"""A door is open or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared.contracts.base import Slug
from shared.domain.decider import Aggregate, Context, Decider, Refused, by_subject, on
from shared.domain.state import State
from tests.toy.contracts import DoorClosed, DoorEvent, DoorOpened

if TYPE_CHECKING:
    from collections.abc import Sequence


class Door(State):
    id: Slug
    is_open: bool


def decide_opened(door: Door | None, event: DoorOpened, _: Context) -> Sequence[DoorEvent]:
    return [] if door and door.is_open else [event]


def decide_closed(door: Door | None, event: DoorClosed, _: Context) -> Sequence[DoorEvent]:
    if door is None:
        raise Refused(f"the door {event.door!r} was never open: send DoorOpened first")
    return [event] if door.is_open else []


def opened(_: Door | None, event: DoorOpened) -> Door:
    return Door(id=event.door, is_open=True)


def closed(_: Door | None, event: DoorClosed) -> Door:
    return Door(id=event.door, is_open=False)


DOORS: Final = Aggregate(
    kind="doors",
    state=Door,
    identify=by_subject,
    rows=(
        on(DoorOpened, decide=decide_opened, evolve=opened),
        on(DoorClosed, decide=decide_closed, evolve=closed),
    ),
)
DECIDER: Final = Decider[Door](DOORS)
