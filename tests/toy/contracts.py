"""The published language of a service that keeps doors."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.base import Event, Slug


class DoorEvent(Event):
    """Something about a door."""

    door: Slug

    @property
    def subject(self) -> str:
        return self.door


class DoorOpened(DoorEvent):
    """A door was opened."""

    type: ClassVar[str] = "coalition.doors.DoorOpened.v1"


class DoorClosed(DoorEvent):
    """A door was closed."""

    type: ClassVar[str] = "coalition.doors.DoorClosed.v1"
