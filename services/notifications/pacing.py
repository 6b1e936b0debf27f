"""How many connections a mail server is asked for, and when: as it bears it."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final

import structlog

from services.notifications.answers import Refused, Unavailable
from shared.web.health import Condition

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger()

_FIRST_SECONDS: Final = 1
"""How long the mailer rests at first, and twice as long each time thereafter."""
_FIRST_PERMANENT_SECONDS: Final = 30
"""Likewise, where somebody has to mend something, or a login may be locked by trying."""
_MOST_SECONDS: Final = 300
_GROW_SECONDS: Final = 60
"""One connection more after so long in which all went well."""


class Rests:
    """How long nobody is asked again who took nothing: twice as long each time.

    Args:
        most: seconds at most.
        now: seconds that never go back.
        share: a random number from 0 to 1.
    """

    def __init__(self, most: float, now: Callable[[], float], share: Callable[[], float]) -> None:
        self._most, self._now, self._share = most, now, share
        self.failures, self._until = 0, now()

    @property
    def seconds(self) -> float:
        """How long it rests still."""
        return max(0.0, self._until - self._now())

    def begin(self, first: float) -> float:
        """Rest once more, so long the first time; returns for how many seconds."""
        # From half of it on: what failed together is not tried together.
        seconds: float = min(first * 2**self.failures, self._most) * (1 + self._share()) / 2
        self.failures = min(self.failures + 1, 10)
        self._until = self._now() + seconds
        return seconds

    def end(self) -> None:
        """Something was taken: the next rest is as short as the first."""
        self.failures = 0


class Pace:
    """Rests when the server says that it takes nothing, and goes on with fewer connections.

    Args:
        most: connections at most.
        now: seconds that never go back.
        share: a random number from 0 to 1.
    """

    def __init__(
        self,
        most: int,
        now: Callable[[], float] = time.monotonic,
        share: Callable[[], float] = random.random,
    ) -> None:
        self._most = self.connections = most
        self.now, self._rests = now, Rests(_MOST_SECONDS, now, share)
        self._last: Unavailable | None = None
        self._failed, self._changed = float("-inf"), now()

    @property
    def resting(self) -> bool:
        """Whether nothing is to be sent now."""
        return self._rests.seconds > 0

    def heard(self, error: BaseException | None, begun: float) -> None:
        """Learn from how an attempt ended, unless the server has failed since it was begun.

        Args:
            error: what was raised; None where the server took the e-mail.
            begun: when the attempt was begun; what fails together counts once.
        """
        if begun < self._failed:
            return
        if isinstance(error, Unavailable):
            self._rest(error)
        elif error is None or isinstance(error, Refused):
            self._go_on()

    def _rest(self, error: Unavailable) -> None:
        self._last, self._failed = error, self.now()
        first = _FIRST_PERMANENT_SECONDS if error.permanent else _FIRST_SECONDS
        seconds = self._rests.begin(first)
        self._changed = self._failed + seconds
        self.connections = max(1, self.connections // 2)
        log.warning(
            "mail_resting",
            answer=str(error.answer),
            permanent=error.permanent,
            seconds=round(seconds, 1),
            connections=self.connections,
        )

    def _go_on(self) -> None:
        if self._last:
            log.info("mail_resumed", connections=self.connections)
            self._last = None
            self._rests.end()
        if self.connections < self._most and self.now() - self._changed >= _GROW_SECONDS:
            self.connections, self._changed = self.connections + 1, self.now()

    def condition(self) -> Condition:
        """What `/readyz` says: the server's words, until it takes something again."""
        detail: dict[str, Any] = {"connections": self.connections, "resting": None}
        if self._last:
            detail["resting"] = {
                **self._last.answer._asdict(),
                "permanent": self._last.permanent,
                "seconds": round(self._rests.seconds, 1),
            }
        return Condition("mail", not (self._last and self._last.permanent), detail)
