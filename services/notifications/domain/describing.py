"""What a person is told, and when, in words: the rules that count, in their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.notifications.domain.rules import DEFAULTS
from shared.contracts.notifications import Detail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.notifications.domain.preferences import Preference
    from services.notifications.domain.rules import Rule

_OWN: Final = {"member": "of your own member", "region": "of the regions you work for"}
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def wishes(preference: Preference) -> tuple[Detail, ...]:
    """What a person is told at once, daily and weekly, and when digests and quiet hours are."""
    rules = (*preference.rules, *DEFAULTS.get(preference.role, ()))
    details = [Detail(label=one.how.capitalize(), text=_of(one)) for one in rules]
    days = ", ".join(day.capitalize() for day in preference.digest_weekdays)
    digests = f"{days}, {preference.digest_hour:02}:00 ({preference.zone})"
    details.append(Detail(label="Digests", text=digests))
    if quiet := preference.quiet_hours:
        details.append(Detail(label="Quiet hours", text=f"{quiet.start} to {quiet.end}"))
    return tuple(details[-_MOST:])


_MOST: Final = 30


def _of(rule: Rule) -> str:
    return ", ".join(_parts(rule)) or "all else"


def _parts(rule: Rule) -> Iterator[str]:
    if rule.urgency:
        yield f"what is {' or '.join(rule.urgency)}"
    if rule.kinds:
        yield " or ".join(_CAPITAL.sub(" ", kind).lower() for kind in rule.kinds)
    if rule.own:
        yield _OWN[rule.own]
    for label, named in (
        ("of the regions", rule.regions),
        ("of the countries", rule.countries),
        ("of the members", rule.members),
        ("of the points", rule.points),
    ):
        if named:
            yield f"{label} {', '.join(map(str, named))}"
