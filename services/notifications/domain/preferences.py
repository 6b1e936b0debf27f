"""How one person is told of one event: the preference, the urgency and the time, and no more."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final, Literal, NamedTuple

from services.notifications.domain.clock import instant, local_date, zone_of
from services.notifications.domain.rules import DEFAULTS, Facts, Rule, Scope
from shared.contracts.base import latest
from shared.contracts.notifications import Frequency, How, Role
from shared.domain.state import State

OLD: Final = timedelta(days=90)
"""What happened so long before it is decided is no news, and waits for the weekly digest."""
_DAY: Final = timedelta(days=1)

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
WORKING_DAYS: Final = WEEKDAYS[:5]


class QuietHours(State):
    """When somebody wants no e-mail, by the clock where they are; it may be over midnight."""

    start: str
    end: str


class Preference(State):
    """What a person wants to be told, how and when; nothing in it says who they are.

    Attributes:
        silent_until: the day, where they are, on which e-mails come again; until then none does.
    """

    role: Role = "observer"
    coalitions: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    zone: str = "UTC"
    digest_hour: int = 7
    digest_weekdays: tuple[Weekday, ...] = WORKING_DAYS
    quiet_hours: QuietHours | None = None
    rules: tuple[Rule, ...] = ()
    silent_until: str | None = None

    def is_silent(self, now: datetime) -> bool:
        """Whether they want no e-mail now: they paused them, or stopped them for good."""
        until = self.silent_until
        return until is not None and local_date(now, self.zone).isoformat() < until

    def scope(self, facts: Facts) -> Scope:
        """Whether an event concerns the person's own member, or a coalition that they work for.

        Who names coalitions works for those; who names neither them nor members, for all. What is
        of no coalition concerns everybody.
        """
        by_coalition = not facts.coalitions.isdisjoint(self.coalitions)
        is_everywhere = not facts.coalitions or not (self.coalitions or self.members)
        member = not facts.members.isdisjoint(self.members)
        return Scope(member=member, coalition=by_coalition or is_everywhere)

    def is_meant(self, facts: Facts, scope: Scope) -> bool:
        """Whether an event is for them, by their role; a focal point's is what concerns its own."""
        if self.role == "focal point" and facts.roles and not scope.member:
            return False
        return not facts.roles or self.role in facts.roles

    @cached_property
    def ruled(self) -> tuple[tuple[str, Rule], ...]:
        """The rules with their ids, in the order in which they count: the person's, the role's."""
        return (
            *((f"own-{rule.fingerprint}", rule) for rule in self.rules),
            *((f"default-{rule.fingerprint}", rule) for rule in self.defaults),
        )

    @property
    def defaults(self) -> tuple[Rule, ...]:
        """The rules of the role."""
        return DEFAULTS.get(self.role, ())


class Told(NamedTuple):
    """How somebody is told.

    Attributes:
        due: not before then; None for now.
    """

    how: How
    rule: str
    due: datetime | None = None


def told(preference: Preference, facts: Facts, dated: str | None, now: datetime) -> Told:
    """How a person is told of an event that happened at a date, decided now."""
    rule, how, passes = choice(preference, facts, preference.scope(facts))
    return timely(Told(how, rule), preference, now, is_old=is_old(dated, now), passes=passes)


def choice(preference: Preference, facts: Facts, scope: Scope) -> tuple[str, How, bool]:
    """The rule that counts, what it says, and whether the event passes quiet hours and digests.

    That is what is critical for the person's own member, unless they want none of it. Of what is
    for others only those are told who name its kind; a rule that says never counts all the same.
    """
    is_meant = preference.is_meant(facts, scope)
    for id_, rule in preference.ruled:
        counts = is_meant or rule.how == "never" or facts.kind in rule.kinds
        if counts and rule.matches(facts, scope):
            is_pressing = is_meant and facts.urgency == "critical"
            return id_, rule.how, scope.member and is_pressing
    return "", "never", False


def timely(
    wanted: Told, preference: Preference, now: datetime, *, is_old: bool, passes: bool
) -> Told:
    """What a rule says, as the time wants it: the old is no news, and the night is quiet."""
    if wanted.how == "never" or preference.is_silent(now):
        return wanted._replace(how="never")
    if is_old:
        return wanted._replace(how="weekly")
    if passes:
        return wanted._replace(how="at once")
    if wanted.how == "at once":
        return wanted._replace(due=quiet_until(preference, now))
    return wanted


def is_old(dated: str | None, now: datetime) -> bool:
    """Whether something happened too long ago to be news."""
    return dated is not None and latest(dated) + OLD <= now.date()


def quiet_until(preference: Preference, now: datetime) -> datetime | None:
    """When the quiet hours end in which it is; None where it is in none."""
    quiet = preference.quiet_hours
    if quiet is None:
        return None
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    there = now.astimezone(zone_of(preference.zone))
    clock, day = there.time(), there.date()
    if start <= end:
        is_quiet = start <= clock < end
    else:
        is_quiet = clock >= start or clock < end
        day = day if clock < end else day + _DAY
    if not is_quiet:
        return None
    ends = instant(day, end, preference.zone)
    return ends if ends > now else None


# --- digests ---------------------------------------------------------------------------------


class Slot(NamedTuple):
    """When a digest is due: the day where its reader is, and the instant."""

    date: date
    due: datetime


def slot(preference: Preference, frequency: Frequency, day: date) -> Slot | None:
    """When the digest of a day is due; None where none is that day.

    A weekly one comes on the first of the days that somebody chose for digests.
    """
    chosen = preference.digest_weekdays
    wanted = chosen[:1] if frequency == "weekly" else chosen
    if WEEKDAYS[day.weekday()] not in wanted:
        return None
    return Slot(day, instant(day, time(preference.digest_hour), preference.zone))


def last_slot(preference: Preference, frequency: Frequency, now: datetime) -> Slot | None:
    """The last digest that was due by now, over a week back."""
    today = now.astimezone(zone_of(preference.zone)).date()
    for back in range(9):
        found = slot(preference, frequency, today - _DAY * back)
        if found and found.due <= now:
            return found
    return None
