"""A year of e-mail in six zones of both hemispheres, as its readers see it on their clocks.

Of 2024, since what its clocks did is history: no release of the time zones changes it.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from services.notifications.domain import Interest
from services.notifications.domain.clock import zone_of
from services.notifications.domain.preferences import WEEKDAYS, QuietHours
from services.notifications.domain.rules import Rule
from shared.cloudevents import derived_id
from shared.contracts.membership import CitySigned, MemberAdmitted, MemberSuspended
from shared.contracts.plans import ActionRecorded
from tests.unit.mailroom import Email, Mailroom, room
from tests.unit.membership_facts import POTSDAM, WHO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.notifications.sweeper import Sweeper
    from shared.contracts.base import Event

STEP: Final = timedelta(minutes=30)
"""How often the sweeper looks: each hour of a zone begins at one of these moments."""
DOWN: Final = (datetime(2024, 6, 8, tzinfo=UTC), datetime(2024, 6, 11, tzinfo=UTC))
"""Three days, over a Monday, when weekly digests are due."""
_RULES: Final = (
    Rule(kinds=("MemberAdmitted",), how="at once"),
    Rule(kinds=("CitySigned",), how="daily"),
    Rule(kinds=("ActionRecorded",), how="weekly"),
)
_NIGHT: Final = QuietHours(start="03:30", end="06:30")


def _reader(id_: str, zone: str, hour: int, days: tuple[Any, ...] = WEEKDAYS) -> Interest:
    return Interest(
        id=id_,
        role="focal point",
        members=(POTSDAM.key,),
        zone=zone,
        digest_hour=hour,
        digest_weekdays=days,
        quiet_hours=_NIGHT,
        rules=_RULES,
    )


READERS: Final = (
    _reader("paris", "Europe/Paris", 2),
    _reader("beirut", "Asia/Beirut", 0),
    _reader("st-johns", "America/St_Johns", 1),
    _reader("santiago", "America/Santiago", 0),
    _reader("lord-howe", "Australia/Lord_Howe", 2),
    _reader("auckland", "Pacific/Auckland", 2),
    _reader("paris-sundays", "Europe/Paris", 2, ("sunday",)),
    _reader("santiago-sundays", "America/Santiago", 23, ("saturday",)),
)
_CHANGES: Final = (
    *("2024-03-09", "2024-03-30", "2024-04-06", "2024-09-07", "2024-09-28", "2024-10-05"),
    *("2024-10-26", "2024-11-02"),
)
"""The days before clocks are changed somewhere."""


class News(NamedTuple):
    """Something that happens."""

    at: datetime
    label: str
    event: Event


class Row(NamedTuple):
    """An e-mail, as its reader sees it on their clock."""

    at: datetime
    what: str
    tells: tuple[str, ...]
    why: str


def news() -> list[News]:
    """What happens in that year, by time."""
    return sorted(_news(), key=lambda one: one.at)


def _news() -> Iterator[News]:
    for month in range(1, 13):
        yield _signed(datetime(2024, month, 1, 12, tzinfo=UTC))
    for month in (1, 4, 7, 10):
        yield _admitted(datetime(2024, month, 15, 3, 10, tzinfo=UTC))
    for change in _CHANGES:
        yield _signed(datetime.fromisoformat(f"{change}T06:00Z"))
        yield _acted(datetime.fromisoformat(f"{change}T07:00Z"))
    for at in ("2024-02-29T03:45Z", "2024-06-09T03:45Z", "2024-08-20T03:45Z"):
        yield _suspended(datetime.fromisoformat(at))
    # What happened long ago is no news; and what happens while nothing runs waits in Kafka.
    imported = datetime(2024, 5, 2, 9, tzinfo=UTC)
    yield News(imported, "signed in 2004", CitySigned(**WHO, signed="2004"))
    for day in (7, 8, 9, 10):
        yield _signed(datetime(2024, 6, day, 12, tzinfo=UTC))
    yield _acted(datetime(2024, 6, 7, 12, tzinfo=UTC))
    yield _admitted(datetime(2024, 6, 9, 12, tzinfo=UTC))


def _signed(at: datetime) -> News:
    return News(at, f"signed {at:%d %b}", CitySigned(**WHO, signed=at.date().isoformat()))


def _admitted(at: datetime) -> News:
    event = MemberAdmitted(**WHO, admitted=at.date().isoformat())
    return News(at, f"admitted {at:%d %b}", event)


def _acted(at: datetime) -> News:
    what = {"point": 3, "action": "centre", "title": "A centre", "status": "planned"}
    fields = {"member": POTSDAM, **what, "as_of": at.date().isoformat()}
    return News(at, f"action {at:%d %b}", ActionRecorded.model_validate(fields))


def _suspended(at: datetime) -> News:
    event = MemberSuspended(**WHO, suspended=at.date().isoformat(), reason="no report")
    return News(at, f"SUSPENDED {at:%d %b}", event)


def simulated() -> dict[str, list[Row]]:
    """The e-mails of each reader, by time."""
    here, labels = room(2024, *READERS), dict[str, str]()
    sweeper, coming = here.sweeper(), news()
    while here.now < datetime(2025, 1, 8, tzinfo=UTC):
        if not DOWN[0] <= here.now < DOWN[1]:
            while coming and coming[0].at <= here.now:
                _happen(here, coming.pop(0), labels)
            if here.waits:
                _sweep(here, sweeper)
        here.now += STEP
    assert not here.waits, "everything was told of"
    by_reader: dict[str, list[Row]] = {one.id: [] for one in READERS}
    for id_, email in here.emails.items():
        by_reader[email.to].append(_row(here, id_, email, labels))
    return {reader: sorted(rows) for reader, rows in by_reader.items()}


def _happen(here: Mailroom, one: News, labels: dict[str, str]) -> None:
    cause = f"{one.at.isoformat()} {one.label}"
    labels[derived_id("urn:test", cause)] = one.label
    here.decide(cause, one.event)


def _sweep(here: Mailroom, sweeper: Sweeper) -> None:
    for cause, event in here.sweep(sweeper):
        here.decide(cause, event)


def _row(here: Mailroom, id_: str, email: Email, labels: dict[str, str]) -> Row:
    reader = here.people[email.to]
    there = zone_of(reader.zone)
    sent = max(email.due or email.queued, email.queued).astimezone(there)
    what = here.digests.get(id_, "at once")
    tells = tuple(label for one, label in labels.items() if one in email.tells)
    return Row(sent, what, tells, _why(reader, email, sent, what))


def _why(reader: Interest, email: Email, sent: datetime, what: str) -> str:
    """Why an e-mail does not come when its reader would first think."""
    if email.queued == DOWN[1]:
        more = ", and it was quiet until then" if sent > email.queued else ""
        one = "" if what == "at once" else ": one digest, and not one for each day"
        return f"nothing ran for three days{one}{more}"
    if what == "at once":
        return "it was quiet until then" if email.due else ""
    if sent.time() != time(reader.digest_hour):
        return "that hour is skipped: the next that exists"
    if sent.utcoffset() != sent.replace(fold=1).utcoffset():
        return "that hour comes twice: the first"
    return ""


def written(by_reader: dict[str, list[Row]]) -> str:
    """The list as people read it."""
    parts = []
    for reader in READERS:
        days = "every day" if reader.digest_weekdays == WEEKDAYS else reader.digest_weekdays[0]
        head = f"## {reader.id}: {reader.zone}, digests at {reader.digest_hour:02}:00, {days}"
        parts.append("\n".join([head, *map(_line, by_reader[reader.id])]))
    return "\n\n".join(parts) + "\n"


def _line(row: Row) -> str:
    why = f"   # {row.why}" if row.why else ""
    return f"{row.at:%a %d %b %H:%M %z}  {row.what:8} {', '.join(row.tells)}{why}"
