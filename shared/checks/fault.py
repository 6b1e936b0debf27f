"""A fault: one thing that is wrong, in one line that names the setting; and waiting it out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import structlog

from shared.environment import PREFIX

log = structlog.get_logger()

Check = Callable[[], Awaitable[Sequence["Fault"]]]
"""Looks once; what it finds first is what is to be mended first."""

AGAIN_SECONDS: Final = 1.0
_SURE: Final = 4
"""So often is a fault found that does not pass, before it counts: a user that is being made, or a
broker that has not read its users yet, is none."""


class Fault(NamedTuple):
    """What is wrong with one setting, or with what it names.

    Attributes:
        setting: its variable, or several with commas between.
        reason: what is so, and what to do.
        passes: whether it may pass by itself, since a part may just not be up yet.
    """

    setting: str
    reason: str
    passes: bool = False

    def __str__(self) -> str:
        return f"{self.setting}: {self.reason}"


class NotUsable(Exception):
    """The service cannot run with its settings; the text has a line for each fault.

    Attributes:
        passes: whether another start may find it otherwise.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.passes = all(fault.passes for fault in faults)


def variable(*fields: str) -> str:
    """The variables in which settings were given: the value itself, or the file that has it."""
    return ", ".join(map(_variable, fields))


def _variable(field: str) -> str:
    name = PREFIX + field.upper()
    return f"{name}_FILE" if os.environ.get(f"{name}_FILE") and not os.environ.get(name) else name


async def found_by(*checks: Check) -> list[Fault]:
    """What several checks find, all at once."""
    found = await asyncio.gather(*(check() for check in checks))
    return [fault for faults in found for fault in faults]


async def until_usable(seconds: float, *checks: Check) -> None:
    """Look until nothing is wrong; a fault is logged when it is first found.

    Args:
        seconds: how long what may pass is waited for.
        *checks: what looks.

    Raises:
        NotUsable: something is wrong that does not pass, or has not in time.
    """
    loop, logged, sure = asyncio.get_running_loop(), set[Fault](), 0
    end = loop.time() + seconds
    while faults := await found_by(*checks):
        for fault in faults:
            if fault not in logged:
                log.warning("not_usable", setting=fault.setting, reason=fault.reason)
                logged.add(fault)
        lasting = [fault for fault in faults if not fault.passes]
        sure = sure + 1 if lasting else 0
        if sure == _SURE:
            raise NotUsable(lasting)
        if loop.time() > end:
            raise NotUsable(faults)
        await asyncio.sleep(AGAIN_SECONDS)
