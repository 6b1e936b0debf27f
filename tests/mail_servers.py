"""Mail servers as they really are, each a script for `tests.smtp`, by a clock of the test."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from tests.smtp import CLOSE, CONNECT, MESSAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.smtp import Moment, Script


class Clock(Protocol):
    """What a test says the time is."""

    now: datetime


@dataclass(slots=True)
class Slow:
    """Takes half a minute for the answer to each message."""

    clock: Clock

    def __call__(self, moment: Moment) -> None:
        if moment.step == MESSAGE:
            self.clock.now += timedelta(seconds=32)


@dataclass(slots=True)
class Limited:
    """Takes twenty messages an hour, and says so in turn at each step where a server may."""

    clock: Clock
    most: int = 20
    taken: list[datetime] = field(default_factory=list)

    def __call__(self, moment: Moment) -> str | None:
        hour_ago = self.clock.now - timedelta(hours=1)
        self.taken = [then for then in self.taken if then > hour_ago]
        if len(self.taken) < self.most:
            if moment.step == MESSAGE:
                self.taken.append(self.clock.now)
            return None
        return {
            CONNECT: "421 4.7.0 too many connections from you",
            "MAIL": "450 4.7.1 you send too much",
            "RCPT": "452 4.5.3 too many recipients",
            MESSAGE: "451 4.3.0 throttled",
        }.get(moment.step)


@dataclass(slots=True)
class Greylisting:
    """Puts off whom it sees for the first time, for five minutes."""

    clock: Clock
    seen: dict[str, datetime] = field(default_factory=dict)

    def __call__(self, moment: Moment) -> str | None:
        if moment.step != "RCPT":
            return None
        first = self.seen.setdefault(moment.recipient, self.clock.now)
        if self.clock.now < first + timedelta(minutes=5):
            return "450 4.2.0 greylisted, come back in five minutes"
        return None


@dataclass(slots=True)
class Closing:
    """Closes the connection now and then, at any step; some messages it has taken by then."""

    clock: Clock
    every: Mapping[str, int] = field(
        default_factory=lambda: {CONNECT: 5, "MAIL": 7, "RCPT": 11, "DATA": 6, MESSAGE: 9}
    )
    steps: Counter[str] = field(default_factory=Counter)

    def __call__(self, moment: Moment) -> str | None:
        self.steps[moment.step] += 1
        every = self.every.get(moment.step)
        return CLOSE if every and self.steps[moment.step] % every == 0 else None


@dataclass(slots=True)
class Misconfigured:
    """Refuses our sender until somebody has mended it at noon, and some people for good."""

    clock: Clock

    def __call__(self, moment: Moment) -> str | None:
        if moment.step == "MAIL" and self.clock.now.hour < 12:
            return "550 5.7.1 sender not allowed"
        if moment.step == "RCPT" and moment.recipient.startswith("gone"):
            return "550 5.1.1 no such user"
        return None


@dataclass(slots=True)
class Old:
    """Knows no EHLO."""

    clock: Clock

    def __call__(self, moment: Moment) -> str | None:
        return "502 5.5.1 not implemented" if moment.step == "EHLO" else None


SERVERS: Final[Mapping[str, Callable[[Clock], Script]]] = {
    "slow": Slow,
    "limited": Limited,
    "greylisting": Greylisting,
    "closing": Closing,
    "misconfigured": Misconfigured,
    "old": Old,
}
