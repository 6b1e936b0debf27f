"""An announcement goes out once, to those whom it is for, unless it is taken back in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from services.notifications.announcing import queued_of
from services.notifications.domain import (
    ALL_SUBSCRIPTIONS,
    DECIDER,
    MAX_SUBSCRIPTIONS,
    Interest,
    Interests,
)
from services.notifications.domain.announcements.decide import TO_TAKE_BACK, audience
from services.notifications.domain.announcements.state import (
    ALL_COALITIONS,
    ALL_HOMES,
    Announcement,
    Coalitions,
    Homes,
)
from services.notifications.domain.rules import Rule
from shared.contracts.notifications import (
    AnnouncementCancelled,
    AnnouncementDrafted,
    AnnouncementFellDue,
    AnnouncementQueued,
    AnnouncementReleased,
    AnnouncementTested,
)
from shared.domain.decider import Context, Refused, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.domain.stream import Stream

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
ID: dict[str, Any] = {"announcement": "ghent-2027"}
DRAFTED = AnnouncementDrafted(
    **ID,
    office="Secretariat",
    titles={"en": "Meet in Ghent", "fr": "Rencontre à Gand"},
    texts={"en": "In October.", "fr": "En octobre."},
    drafted="2026-11-25",
)
RELEASED, CANCELLED = AnnouncementReleased(**ID), AnnouncementCancelled(**ID)
FELL_DUE = AnnouncementFellDue(**ID)
HOMES = Homes(
    of={"de-city-bonn": "europe", "sn-city-dakar": "africa", "tn-city-tunis": "arab"},
)
EVERYBODY = Interests(all=tuple(Interest(id=id_, role="observer") for id_ in "abc"))


class Desk:
    """Where one announcement is worked on."""

    def __init__(self, subscriptions: Interests = EVERYBODY) -> None:
        self.state: Any = None
        self.now = NOW
        there = Coalitions(ids=("africa", "arab", "europe"))
        self.others: dict[Stream, Any] = {ALL_SUBSCRIPTIONS: subscriptions, ALL_COALITIONS: there}
        self.published: list[Event] = []

    def say(self, *events: Event) -> Sequence[Event]:
        """What is published because of events; of the last one."""
        published: Sequence[Event] = ()
        for event in events:
            context = Context(self.others, self.now, ("urn:office", str(len(self.published))))
            published = DECIDER.decide(self.state, event, context)
            self.state = fold(DECIDER, self.state, published)
            self.published += published
        return published

    def wait(self, minutes: float = 10) -> Desk:
        self.now += timedelta(minutes=minutes)
        return self

    def recipients(self) -> list[str]:
        """Whom it was sent to, each as often as that was."""
        queued = [one for one in self.published if isinstance(one, AnnouncementQueued)]
        return [id_ for one in queued for to in one.recipients for id_ in to.subscriptions]


def test_it_goes_out_ten_minutes_after_its_release_once_to_each() -> None:
    desk = Desk()
    (released,) = desk.say(DRAFTED, RELEASED)
    assert released.goes_out == NOW + TO_TAKE_BACK  # type: ignore[attr-defined]  # it was released
    assert not desk.wait(9.99).say(FELL_DUE), "too early, by whatever clock it was said"
    desk.wait(0.02).say(FELL_DUE)
    assert desk.recipients() == ["a", "b", "c"]
    assert (desk.state.state, desk.state.recipients) == ("sent", 3)


def test_one_for_a_coalition_that_is_not_there_is_refused_with_the_nearest() -> None:
    desk = Desk()
    with pytest.raises(Refused, match="no coalition 'eurpe': the nearest is 'europe'"):
        desk.say(DRAFTED.model_copy(update={"coalitions": ("africa", "eurpe")}))
    assert desk.say(DRAFTED.model_copy(update={"coalitions": ("africa", "europe")}))


def test_cancelled_in_time_it_goes_to_nobody() -> None:
    desk = Desk()
    desk.say(DRAFTED, RELEASED)
    desk.wait(9.99).say(CANCELLED)
    desk.wait(1).say(FELL_DUE)
    assert not desk.recipients()
    assert desk.state.state == "cancelled"


def test_it_can_be_cancelled_as_long_as_it_is_not_queued() -> None:
    desk = Desk()
    desk.say(DRAFTED, RELEASED)
    desk.wait(60).say(CANCELLED, FELL_DUE)
    assert not desk.recipients(), "the clock came late, and so there was more time"


def test_what_went_out_cannot_be_taken_back() -> None:
    desk = Desk()
    desk.say(DRAFTED, RELEASED)
    desk.wait().say(FELL_DUE)
    for late in (CANCELLED, DRAFTED, AnnouncementTested(**ID, subscription="a")):
        with pytest.raises(Refused, match="went out to 3 people"):
            desk.say(late)


def test_released_or_due_twice_it_goes_out_once() -> None:
    desk = Desk()
    desk.say(DRAFTED, RELEASED)
    assert not desk.wait(5).say(RELEASED), "and not later either"
    desk.wait(5).say(FELL_DUE, FELL_DUE, RELEASED, FELL_DUE)
    assert desk.recipients() == ["a", "b", "c"]


def test_after_it_was_cancelled_it_is_drafted_and_released_anew() -> None:
    desk = Desk()
    desk.say(DRAFTED, RELEASED, CANCELLED)
    with pytest.raises(Refused, match="was cancelled: draft it anew"):
        desk.say(RELEASED)
    desk.say(DRAFTED, RELEASED)
    desk.wait().say(FELL_DUE)
    assert desk.recipients() == ["a", "b", "c"]


def test_only_the_draft_that_was_seen_is_released() -> None:
    desk = Desk()
    desk.say(DRAFTED)
    assert not desk.say(DRAFTED), "the same again is nothing new"
    (anew,) = desk.say(DRAFTED.model_copy(update={"office": "Steering committee"}))
    assert anew.edition == 2  # type: ignore[attr-defined]  # it was drafted
    with pytest.raises(Refused, match="its edition is 2, not 1"):
        desk.say(AnnouncementReleased(**ID, edition=1))
    assert desk.say(AnnouncementReleased(**ID, edition=2))


def test_a_released_one_is_not_changed_under_the_hands_of_who_released_it() -> None:
    desk = Desk()
    desk.say(DRAFTED, RELEASED)
    with pytest.raises(Refused, match="is released: cancel it, and draft it anew"):
        desk.say(DRAFTED.model_copy(update={"office": "Another"}))


@pytest.mark.parametrize("event", [RELEASED, CANCELLED, AnnouncementTested(**ID, subscription="a")])
def test_what_was_never_drafted_is_not_known(event: Event) -> None:
    with pytest.raises(Refused, match="no announcement 'ghent-2027' was drafted"):
        Desk().say(event)
    assert not Desk().say(FELL_DUE)


def test_a_draft_of_tomorrow_is_refused() -> None:
    with pytest.raises(Refused, match="2026-11-28"):
        Desk().say(DRAFTED.model_copy(update={"drafted": "2026-11-28"}))


def test_a_test_goes_to_one_and_each_test_is_an_email_of_its_own() -> None:
    desk = Desk()
    desk.say(DRAFTED)
    tests = [desk.say(AnnouncementTested(**ID, subscription="b"))[0] for _ in "12"]
    found = [queued_of(test) for test in tests]
    assert [one[0].recipients[0].subscriptions for one in found if one] == [("b",), ("b",)]
    assert len({one[0].notification for one in found if one}) == 2
    assert desk.state.state == "draft"
    with pytest.raises(Refused, match="there is no subscription 'z'"):
        desk.say(AnnouncementTested(**ID, subscription="z"))


def person(id_: str, role: str = "observer", **more: Any) -> Interest:
    return Interest.model_validate({"id": id_, "role": role, **more})


PEOPLE = [
    person("everywhere"),
    person("europe", coalitions=("europe",)),
    person("arab", "secretariat", coalitions=("arab",)),
    person("bonn", "focal point", coalitions=("europe",), members=("de-city-bonn",)),
    person("of dakar", "focal point", members=("sn-city-dakar",)),
    person("of tunis", "lead city", coalitions=("europe",), members=("tn-city-tunis",)),
    person("not of it", members=("sn-city-dakar",), rules=(Rule(own="coalition", how="never"),)),
    person("none", rules=(Rule(kinds=("AnnouncementQueued",), how="never"),)),
    person("nothing", rules=(Rule(how="never"),)),
    person("silent", silent_until="2026-12-01"),
    person("back", silent_until="2026-11-26"),
    person("digests", rules=(Rule(how="weekly"), Rule(how="never"))),
]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (
            {},
            ["everywhere", "europe", "arab", "bonn", "of dakar", "of tunis", "back", "digests"],
        ),
        (
            {"coalitions": ("europe",)},
            ["everywhere", "europe", "bonn", "of tunis", "back", "digests"],
        ),
        ({"roles": ("focal point", "secretariat")}, ["arab", "bonn", "of dakar"]),
        ({"roles": ("focal point",), "coalitions": ("arab",)}, []),
        ({"roles": ("focal point",), "coalitions": ("africa",)}, ["of dakar"]),
        ({"coalitions": ("arab",)}, ["everywhere", "arab", "of tunis", "back", "digests"]),
    ],
)
def test_it_is_for_those_of_a_role_and_coalition_who_do_not_say_never(
    wanted: dict[str, Any], ids: list[str]
) -> None:
    announcement = Announcement(id="x", office="S", drafted="2026", state="draft", **wanted)
    assert [one.id for one in audience(announcement, PEOPLE, HOMES, NOW)] == ids


def test_a_focal_point_of_a_member_of_a_coalition_gets_it_without_having_named_it() -> None:
    desk = Desk(Interests(all=(person("d", "focal point", members=("sn-city-dakar",)),)))
    desk.others[ALL_HOMES] = HOMES
    desk.say(DRAFTED.model_copy(update={"coalitions": ("africa",)}), RELEASED)
    desk.wait().say(FELL_DUE)
    assert desk.recipients() == ["d"]


def test_it_is_sent_after_the_quiet_hours() -> None:
    quiet = person("q", quiet_hours={"start": "09:00", "end": "12:00"})
    desk = Desk(Interests(all=(quiet, person("n"))))
    desk.say(DRAFTED, RELEASED)
    (queued,) = desk.wait().say(FELL_DUE)
    assert isinstance(queued, AnnouncementQueued)
    due = {one.subscriptions: one.due for one in queued.recipients}
    assert due == {("q",): datetime(2026, 11, 26, 12, tzinfo=UTC), ("n",): None}


def test_many_get_it_in_several_parts_each_once() -> None:
    many = Interests(all=tuple(person(f"{n:036}") for n in range(MAX_SUBSCRIPTIONS)))
    desk = Desk(many)
    desk.say(DRAFTED, RELEASED)
    parts = desk.wait().say(FELL_DUE)
    assert len(parts) > 1
    assert all(len(part.model_dump_json()) < 256 * 1024 for part in parts)
    assert desk.recipients() == [one.id for one in many.all]
    assert desk.state.recipients == MAX_SUBSCRIPTIONS


def test_nobody_to_send_it_to_is_an_end_as_well() -> None:
    desk = Desk(Interests())
    desk.say(DRAFTED, RELEASED)
    desk.wait().say(FELL_DUE)
    assert (desk.state.state, desk.recipients()) == ("sent", [])


def test_the_same_announcement_is_the_same_email_however_often_it_is_read() -> None:
    desk = Desk()
    desk.say(DRAFTED, RELEASED)
    (queued,) = desk.wait().say(FELL_DUE)
    first, again = queued_of(queued), queued_of(queued)
    assert first
    assert first == again
    assert first[0].notification == "announcement.ghent-2027"
    assert first[0].headline == "Meet in Ghent"


@pytest.mark.parametrize(
    "wrong",
    [
        {"titles": {"en": "T", "fr": "T"}},
        {"texts": {}, "titles": {}},
        {"titles": {"de": "T"}, "texts": {"de": "T"}},
        {"office": "none"},
        {"roles": ["mayor"]},
        {"roles": ["observer", "observer"]},
    ],
)
def test_a_draft_is_whole_and_speaks_a_language_of_ours(wrong: dict[str, Any]) -> None:
    whole: dict[str, Any] = {**DRAFTED.model_dump(), "titles": {"en": "T"}, "texts": {"en": "T"}}
    AnnouncementDrafted.model_validate(whole)
    with pytest.raises(ValidationError):
        AnnouncementDrafted.model_validate({**whole, **wrong})
