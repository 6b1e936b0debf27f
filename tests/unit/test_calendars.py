"""What stands in a calendar: conferences known to the day, deadlines of reports, and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar

from services.notifications.calendars import icalendar
from services.notifications.domain.calendars import (
    FOLLOWED,
    MAILED,
    Occasion,
    followed,
    occasion_id,
    waived_before,
)
from services.notifications.domain.content.texts import NOTIFIED, ONLY_LISTED
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    ConferenceAnnounced,
    ConferenceCancelled,
    ConferenceChanged,
    ConferenceCorrected,
    ConferenceRegistered,
)
from shared.contracts.plans import (
    EarlierReportsWaived,
    ReportCorrected,
    ReportExtended,
    ReportFellDue,
    ReportGivenBack,
    ReportReminded,
    ReportReviewed,
    ReportSubmitted,
    ReportTakenOver,
    ReportWaived,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event

BONN = MemberRef(name="Bonn", country="DE", kind="city")
GHENT = MemberRef(name="Ghent", country="BE", kind="city")
RECORDED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
CONFERENCE: dict[str, str] = {"conference": "ghent-2027", "coalition": "europe"}
REPORT: dict[str, Any] = {"coalition": "europe", "member": BONN, "due": "2027-03-01"}


def announced(begins: str = "2027-10-07", ends: str | None = "2027-10-08") -> ConferenceAnnounced:
    return ConferenceAnnounced(
        **CONFERENCE,
        title="General Conference",
        titles={"fr": "Conférence générale"},
        place="Ghent",
        host=GHENT,
        begins=begins,
        ends=ends,
    )


def after(*events: Event) -> Occasion | None:
    """An occasion after events, each recorded an hour after the one before."""
    occasion = None
    for version, event in enumerate(events, 1):
        assert isinstance(event, FOLLOWED)
        recorded = RECORDED + timedelta(hours=version)
        occasion = followed(occasion, event, version, recorded)  # type: ignore[arg-type]  # it is one of these
    return occasion


def shown(*occasions: Occasion | None) -> list[Any]:
    """Occasions as a calendar reads them."""
    there = [occasion for occasion in occasions if occasion]
    written = icalendar(there, lambda occasion: occasion.title or "Report", "coalition.example")
    return list(Calendar.from_ical(written.decode()).events)


def days(occasion: Occasion | None) -> tuple[Any, ...]:
    (event,) = shown(occasion)
    return (event.decoded("dtstart"), event.decoded("dtend"), str(event["status"]))


def test_a_conference_known_to_the_day_is_an_event_of_whole_days() -> None:
    (event,) = shown(after(announced()))
    assert event.decoded("dtstart") == date(2027, 10, 7)
    assert event.decoded("dtend") == date(2027, 10, 9), "the day after, as RFC 5545 has it"
    assert event["uid"] == "conference.ghent-2027@coalition.example"
    assert (event["summary"], event["location"]) == ("General Conference", "Ghent")
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 1)
    assert event.decoded("dtstamp") == RECORDED + timedelta(hours=1)


@pytest.mark.parametrize("begins", ["2027", "2027-10"])
def test_one_known_to_the_month_or_year_is_in_no_calendar(begins: str) -> None:
    assert not shown(after(announced(begins, ends=None)))


def test_one_whose_end_is_known_to_the_month_only_has_its_first_day() -> None:
    until = (date(2027, 10, 7), date(2027, 10, 8), "CONFIRMED")
    assert days(after(announced(ends="2027-10"))) == until


def test_a_change_keeps_the_uid_and_raises_the_sequence() -> None:
    changed = ConferenceChanged(**CONFERENCE, begins="2027-11-02", ends="2027-11-04")
    (event,) = shown(after(announced(), changed))
    assert event["uid"] == "conference.ghent-2027@coalition.example"
    assert event["sequence"] == 2
    assert event.decoded("dtend") == date(2027, 11, 5)


def test_a_conference_moved_behind_its_end_has_that_end_no_more() -> None:
    occasion = after(announced(), ConferenceChanged(**CONFERENCE, begins="2027-12-01"))
    assert days(occasion) == (date(2027, 12, 1), date(2027, 12, 2), "CONFIRMED")


def test_a_cancelled_conference_is_cancelled_where_it_stood() -> None:
    cancelled = ConferenceCancelled(**CONFERENCE, cancelled="2026-11")
    assert days(after(announced(), cancelled))[2] == "CANCELLED"
    never = ConferenceCorrected(**CONFERENCE, fact="cancelled", recorded="2026-11", reason="a slip")
    assert days(after(announced(), cancelled, never))[2] == "CONFIRMED"


def test_one_whose_day_is_not_known_any_more_is_cancelled_on_the_day_that_it_had() -> None:
    occasion = after(announced(), ConferenceChanged(**CONFERENCE, begins="2028"))
    assert days(occasion) == (date(2027, 10, 7), date(2027, 10, 9), "CANCELLED")


def test_what_was_recorded_wrongly_is_shown_right() -> None:
    wrong = {"fact": "begins", "recorded": "2027-10-07", "reason": "misread"}
    occasion = after(announced(), ConferenceCorrected(**CONFERENCE, **wrong, correct="2027-10-06"))
    assert days(occasion)[0] == date(2027, 10, 6)


def test_who_is_host_or_registered_is_concerned() -> None:
    occasion = after(announced(), ConferenceRegistered(**CONFERENCE, members=(BONN,)))
    assert occasion
    assert occasion.members == (GHENT.key, BONN.key)


def test_a_deadline_stands_on_the_day_until_which_there_is_time() -> None:
    reminded = ReportReminded(**REPORT, days=30, by="2027-03-15")
    occasion = after(reminded)
    assert days(occasion) == (date(2027, 3, 15), date(2027, 3, 16), "CONFIRMED")
    assert occasion
    assert occasion.id == f"report.{BONN.key}.2027-03-01", "it is the same, whatever its deadline"


def test_more_time_moves_a_deadline_and_the_day_itself_does_not_move_it_back() -> None:
    extended = ReportExtended(**REPORT, until="2027-05-01")
    occasion = after(ReportReminded(**REPORT, days=30), extended, ReportFellDue(**REPORT))
    assert days(occasion)[0] == date(2027, 5, 1)
    never = ReportCorrected(**REPORT, step="extended", recorded="2027-05-01", reason="not given")
    assert days(after(ReportFellDue(**REPORT), extended, never))[0] == date(2027, 3, 1)


SUBMITTED = ReportSubmitted(**REPORT, submitted="2027-02-20", title="Report")
WAIVED = ReportWaived(**REPORT, waived="2027-02-20")


@pytest.mark.parametrize(("met", "step"), [(SUBMITTED, "submitted"), (WAIVED, "waived")])
def test_nothing_is_due_where_a_report_came_or_is_not_asked_for(met: Event, step: Any) -> None:
    fell_due = ReportFellDue(**REPORT)
    assert days(after(fell_due, met))[2] == "CANCELLED"
    never = ReportCorrected(**REPORT, step=step, recorded="2027-02-20", reason="another city's")
    assert days(after(fell_due, met, never))[2] == "CONFIRMED"


def test_a_report_of_a_duplicate_is_none_that_is_due_until_they_are_two() -> None:
    merged = {**REPORT, "merged": GHENT}
    fell_due, taken = ReportFellDue(**REPORT), ReportTakenOver(**merged, submitted="2027-02")
    assert days(after(fell_due, taken))[2] == "CANCELLED"
    assert days(after(fell_due, taken, ReportGivenBack(**merged)))[2] == "CONFIRMED"
    assert after(taken) is None


def test_a_revision_has_a_deadline_again() -> None:
    revise = ReportReviewed(
        **REPORT, reviewed="2027-03-10", reviewer="Panel", verdict="revise", until="2027-06-01"
    )
    occasion = after(ReportFellDue(**REPORT), SUBMITTED, revise)
    assert days(occasion) == (date(2027, 6, 1), date(2027, 6, 2), "CONFIRMED")


def test_of_several_periods_that_passed_only_the_last_is_due() -> None:
    dues = ("2025-03-01", "2026-03-01", "2027-03-01")
    occasions = [after(ReportFellDue(**{**REPORT, "due": due})) for due in dues]
    waived = EarlierReportsWaived(**{**REPORT, "due": "2027-03-01"})
    off = waived_before([occasion for occasion in occasions if occasion], waived, 5, RECORDED)
    assert [occasion.id[-10:] for occasion in off] == ["2025-03-01", "2026-03-01"]
    assert [event["status"] for event in shown(*off)] == ["CANCELLED", "CANCELLED"]


STORIES: list[Sequence[Event]] = [
    (announced(), ConferenceChanged(**CONFERENCE, begins="2027-12-01")),
    (announced(), ConferenceCancelled(**CONFERENCE, cancelled="2026-11")),
    (ReportFellDue(**REPORT), SUBMITTED),
]


@pytest.mark.parametrize("story", STORIES)
def test_what_is_read_again_or_late_changes_nothing(story: Sequence[Event]) -> None:
    occasion = after(*story)
    for version, event in enumerate(story, 1):
        occasion = followed(occasion, event, version, RECORDED)  # type: ignore[arg-type]  # it is one of these
    assert occasion == after(*story)


def test_the_same_entries_give_the_same_bytes() -> None:
    occasion = after(announced())
    assert occasion
    feed = [icalendar([occasion], lambda _: "Title, in part; ünïcode", "x", name="C") for _ in "ab"]
    assert feed[0] == feed[1]
    assert b"METHOD" not in feed[0]
    assert max(map(len, feed[0].split(b"\r\n"))) <= 75


def test_a_text_becomes_no_line_of_a_calendar() -> None:
    occasion = after(announced())
    assert occasion
    evil = "x\r\nEND:VEVENT\r\nATTACH:https://example.org"
    written = icalendar([occasion.model_copy(update={"place": evil})], lambda _: evil, "x")
    assert b"\r\nATTACH" not in written
    (event,) = Calendar.from_ical(written.decode()).events
    assert "attach" not in event


def test_all_that_changes_a_calendar_is_read() -> None:
    assert set(FOLLOWED) <= {*NOTIFIED, *ONLY_LISTED}
    assert set(MAILED) <= set(FOLLOWED) & set(NOTIFIED)


def test_each_has_an_id_of_its_own() -> None:
    assert occasion_id(announced()) == "conference.ghent-2027"
    assert occasion_id(SUBMITTED) == "report.de-city-bonn.2027-03-01"
