"""Whatever is frozen, late, twice or by a wrong clock: each notice is in exactly one e-mail.

Its steps: two engines that read, decide and project, each frozen for as long as it may be; sweepers
with clocks of their own, which are restarted; days that go by, over changes of clocks in zones of
both hemispheres; people who change their zone, their hours, how they are told, or pause.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from services.notifications.domain import Interest
from services.notifications.domain.preferences import WEEKDAYS, QuietHours
from services.notifications.domain.rules import Rule
from shared.contracts.notifications import DigestRequested
from tests.unit.mailroom import Mailroom, Read, room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.sweeper import Sweeper
    from shared.contracts.base import Event
    from shared.contracts.notifications import How

ZONES: Final = (
    *("Europe/Paris", "Pacific/Auckland", "America/Santiago", "Pacific/Honolulu"),
    *("Australia/Lord_Howe", "Asia/Beirut", "Asia/Kathmandu"),
)
BEGINS: Final = [
    datetime(2026, 1, 1, tzinfo=UTC),
    *(
        datetime.fromisoformat(f"{day}T12:00Z")
        for day in ("2026-03-27", "2026-04-03", "2026-09-04", "2026-10-02", "2026-10-23")
    ),
]
"""A new year, and shortly before clocks are changed in one of the zones."""
PEOPLE: Final = ("p", "q")
HOWS: Final[tuple[How, ...]] = ("at once", "daily", "weekly")
SKEWS: Final = (timedelta(0), timedelta(minutes=3), timedelta(minutes=-7), timedelta(hours=2))

hours = st.integers(0, 23)
waits = st.sampled_from([0.1, 1, 7, 24, 24, 24, 100])
wishes = st.builds(
    Interest,
    id=st.sampled_from(PEOPLE),
    zone=st.sampled_from(ZONES),
    digest_hour=hours,
    digest_weekdays=st.just(WEEKDAYS)
    | st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(
        lambda days: tuple(sorted(days, key=WEEKDAYS.index))
    ),
    quiet_hours=st.none() | st.just(QuietHours(start="22:00", end="06:30")),
    rules=st.sampled_from(HOWS).map(lambda how: (Rule(how=how),)),
    silent_until=st.sampled_from([None] * 9 + ["2026-01-04", "2026-04-01", "2026-10-28"]),
)


class EachNoticeInOneEmail(RuleBasedStateMachine):
    """Two engines with clocks of their own, either frozen at any moment, and two sweepers."""

    read = Bundle("read")
    """What an engine has read and not yet decided: it is frozen there."""
    decided = Bundle("decided")
    """What is in the journal and not yet projected, or is projected again."""

    @initialize(people=st.tuples(wishes, wishes), begins=st.sampled_from(BEGINS))
    def begin(self, people: tuple[Interest, Interest], begins: datetime) -> None:
        self.room: Mailroom = room(2026, *people)
        self.room.now = begins
        self.sweepers: list[Sweeper] = [self.room.sweeper(ahead) for ahead in SKEWS]
        self.all: list[tuple[str, Event]] = []

    @rule(target=decided)
    def happen(self) -> Sequence[Event]:
        self.all.append(self.room.news())
        published = self.append_now(self.room.read(*self.all[-1]))
        self.room.project(published)
        return published

    @rule(target=decided, number=st.integers(0, len(SKEWS) - 1), hours=waits)
    def sweep(self, number: int, hours: float) -> MultipleResults[Sequence[Event]]:
        """A sweeper looks, and an engine that is frozen afterwards decides what it says."""
        self.room.now += timedelta(hours=hours)
        said = self.room.sweep(self.sweepers[number])
        self.all += said
        return multiple(*[self.append_now(self.room.read(*one)) for one in said])

    @rule(target=read, number=st.integers(0, len(SKEWS) - 1), hours=waits)
    def sweep_and_freeze(self, number: int, hours: float) -> MultipleResults[Read]:
        """A sweeper looks, and an engine reads what it says and is frozen before it decides."""
        return multiple(*sweep_and_read(self, number, hours))

    @rule(target=read)
    def happen_and_freeze(self) -> Read:
        self.all.append(self.room.news())
        return self.room.read(*self.all[-1])

    @rule(target=decided, person=st.sampled_from(PEOPLE))
    def request(self, person: str) -> Sequence[Event]:
        """Somebody wants to be told now."""
        event = DigestRequested(subscription=person, requested=self.room.now)
        self.all.append((f"request {len(self.all)}", event))
        return self._append(self.room.read(*self.all[-1]))

    @rule(target=read, number=st.integers(0, 20))
    def load(self, number: int) -> Read:
        """An engine reads an event, perhaps once more, and is frozen before it decides."""
        if not self.all:
            self.all.append(self.room.news())
        return self.room.read(*self.all[-1 - number % len(self.all)])

    @rule(target=decided, one=consumes(read), ahead=st.sampled_from(SKEWS))
    def append(self, one: Read, ahead: timedelta) -> Sequence[Event]:
        return self.append_now(one, ahead)

    @rule(events=decided)
    def project(self, events: Sequence[Event]) -> None:
        self.room.project(events)

    @rule(number=st.integers(0, len(SKEWS) - 1))
    def restart(self, number: int) -> None:
        """A process comes back, and knows nothing of what it said; its clock may be another."""
        self.sweepers[number] = self.room.sweeper(SKEWS[-1 - number])

    @rule(wanted=wishes)
    def change(self, wanted: Interest) -> None:
        self.room.people[wanted.id] = wanted

    @invariant()
    def nobody_is_told_twice(self) -> None:
        if hasattr(self, "room"):
            told = self._told()
            assert not told or max(told.values()) == 1

    def teardown(self) -> None:
        """Everything is read again by a process with the right time, which goes on for weeks."""
        if not hasattr(self, "room"):
            return
        here, sweeper = self.room, self.room.sweeper()
        for one in here.people.values():
            here.people[one.id] = one.model_copy(update={"silent_until": None})
        for cause, event in self.all:
            here.decide(cause, event)
        for _ in range(16 * 24):
            here.now += timedelta(hours=1)
            for cause, event in here.sweep(sweeper):
                here.decide(cause, event)
        assert not here.waits
        assert self._told() == Counter(here.seen)

    def append_now(self, one: Read, ahead: timedelta = timedelta()) -> Sequence[Event]:
        while (found := self.room.append(one, self.room.now + ahead)) is None:
            one = self.room.read(one.cause, one.event)
        return found

    def _told(self) -> Counter[tuple[str, str]]:
        return Counter((one.to, n) for one in self.room.emails.values() for n in one.tells)


def test_an_engine_that_was_frozen_over_a_day_tells_nothing_again() -> None:
    """Of two frozen digests chance finds few, so one of them is made."""
    here = EachNoticeInOneEmail()
    reader = Interest(id="p", digest_weekdays=WEEKDAYS, rules=(Rule(how="daily"),))
    here.begin((reader, reader), BEGINS[0])
    here.happen()
    (frozen,) = sweep_and_read(here, 0)
    (other,) = sweep_and_read(here, 1)
    assert here.append_now(other)
    assert not here.append_now(frozen)
    here.teardown()


def sweep_and_read(here: EachNoticeInOneEmail, number: int, hours: float = 24) -> list[Read]:
    """What a sweeper says some time later, as an engine has read it."""
    here.room.now += timedelta(hours=hours)
    said = here.room.sweep(here.sweepers[number])
    here.all += said
    return [here.room.read(*one) for one in said]


EachNoticeInOneEmail.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None
)
TestEachNoticeInOneEmail = EachNoticeInOneEmail.TestCase
