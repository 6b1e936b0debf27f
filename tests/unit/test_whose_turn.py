"""Who gets a reminder of what is overdue, and a note of what stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from services.notifications.domain.changes import facts
from services.notifications.domain.preferences import Preference, told
from services.notifications.domain.rules import Rule
from shared.contracts import plans
from shared.contracts.base import MemberRef
from tests.wishes import ALL

if TYPE_CHECKING:
    from services.notifications.domain.rules import Facts

NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
BONN: Final = MemberRef(id="de-city-bonn", name="Bonn", country="DE", kind="city")


def how(preference: Preference, found: Facts) -> str:
    return told(preference, found, "2026-03-10", NOON).how


def reminder(to: str) -> Facts:
    about_it = {"coalition": "europe", "member": BONN, "due": "2026-01-01", "since": "2026-01-31"}
    event = plans.ReportChased.model_validate({**about_it, "to": to, "chased": "2026-03-10"})
    return facts(event)


@pytest.mark.parametrize(
    ("to", "told_of_it"),
    [
        ("focal point", ["focal point"]),
        ("lead city", ["focal point", "lead city"]),
        ("secretariat", ["focal point", "lead city", "secretariat"]),
    ],
)
def test_a_reminder_is_for_those_whose_turn_it_is_and_those_before_them(
    to: str, told_of_it: list[str]
) -> None:
    people = {
        "focal point": Preference(role="focal point", members=("de-city-bonn",)),
        "focal point of another": Preference(
            role="focal point", coalitions=("europe",), members=("fr-city-nantes",)
        ),
        "lead city": Preference(role="lead city", coalitions=("europe",)),
        "of another coalition": Preference(role="lead city", coalitions=("africa",)),
        "secretariat": Preference(role="secretariat"),
        "observer": Preference(role="observer"),
    }
    found = {name: how(one, reminder(to)) for name, one in people.items()}
    assert {name for name, one in found.items() if one != "never"} == set(told_of_it)
    assert {found[name] for name in told_of_it} == {"at once"}


def test_who_asks_for_reminders_gets_them_whoever_they_are_for() -> None:
    named = Rule(kinds=("ReportChased",), how="daily")
    assert how(Preference(role="observer", rules=(named,)), reminder("focal point")) == "daily"
    everything = Preference(role="observer", rules=ALL)
    assert how(everything, reminder("secretariat")) == "never"
    own = Preference(role="observer", rules=(named,), members=("de-city-bonn",))
    assert how(own, reminder("focal point")) == "daily", "it presses those alone whom it is for"


def test_a_note_of_what_stands_still_is_no_hurry() -> None:
    says = {"points": [3], "noted": "2026-03-09", "since": "2025-03-09", "coalition": "europe"}
    idle = facts(plans.CommitmentsFellIdle.model_validate({**says, "member": BONN}))
    assert idle.points == {3}
    of_bonn = {"coalitions": ("europe",), "members": ("de-city-bonn",)}
    assert how(Preference(role="focal point", **of_bonn), idle) == "daily"
    assert how(Preference(role="secretariat"), idle) == "weekly"
