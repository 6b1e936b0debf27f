"""Every list and every text filled to its bound: what is accepted is kept, published and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.domain.announcements.state import ALL_COALITIONS, Coalitions
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome
from tests.unit.chain import Chain
from tests.unit.story import COALITION, MAY_BE_NO_NEWS, NO_NEWS, STORY, city, full

if TYPE_CHECKING:
    from collections.abc import Mapping


def tell(chain: Chain, name: str, facts: Mapping[str, Any], number: int = 0) -> Entry:
    owner, _, event = name.partition(".")
    type_ = f"coalition.{owner}.{event}.v1"
    return chain.tell(owner, full(type_, number, facts), type_)


@pytest.fixture(scope="module")
def told_once() -> tuple[Chain, dict[str, Entry]]:
    """The story, told to all three services, and what became of each event."""
    chain = Chain()
    there = Coalitions(ids=(COALITION,))  # the service looks them up
    chain.services["notifications"].states[ALL_COALITIONS] = Versioned(state=there)
    return chain, {name: tell(chain, name, facts) for name, facts in STORY}


@pytest.fixture
def chain(told_once: tuple[Chain, dict[str, Entry]]) -> Chain:
    """The services after the story."""
    return told_once[0].copy()


def test_a_story_filled_to_the_brim_is_kept_published_and_read_by_all(
    told_once: tuple[Chain, dict[str, Entry]],
) -> None:
    became = {name: (entry.outcome, entry.reason) for name, entry in told_once[1].items()}
    news = {name: why for name, why in became.items() if why[0] is not Outcome.ACCEPTED}
    outcomes = {name: outcome for name, (outcome, _) in news.items()}
    repeated = dict.fromkeys(outcomes.keys() & MAY_BE_NO_NEWS, Outcome.UNCHANGED)
    assert outcomes == NO_NEWS | repeated, (
        f"tests/unit/story.py: give each the facts under which it is accepted: {news}"
    )


# --- what is said again and again ------------------------------


def again(number: int) -> str:
    """Another day."""
    return f"{2012 + number // 336:04}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"


def in_and_out(number: int, who: int = 500) -> tuple[str, dict[str, Any]]:
    """A member that is suspended and reinstated, year after year."""
    day = f"{1910 + number}"
    if number == FIRST:
        return "membership.MemberAdmitted", {"member": city(who), "admitted": day, "vote": None}
    if number % 2:
        return "membership.MemberSuspended", {
            "member": city(who),
            "suspended": day,
            "overdue_report": None,
        }
    return "membership.MemberReinstated", {"member": city(who), "reinstated": day}


FIRST: Final = 10
"""The number from which on something is said again."""
GROWING: Final[list[Callable[[int], tuple[str, dict[str, Any]]]]] = [
    lambda n: ("membership.CoalitionRenamed", {"renamed": again(n)}),
    lambda n: ("membership.StatutesAdopted", {"adopted": again(n), "decision": None}),
    lambda n: ("membership.MembershipCounted", {"as_of": again(n)}),
    lambda n: (
        "membership.LeadCityDesignated",
        {"city": city(n), "since": again(n), "until": None},
    ),
    lambda n: ("membership.OrganEstablished", {"organ": f"organ-{n}", "established": again(n)}),
    lambda n: (
        "membership.DecisionTaken",
        {"decision": f"d-{n}", "decided": again(n), "organ": None, "meeting": None, "vote": None},
    ),
    lambda _: ("membership.ConferenceAttended", {}),
    lambda n: ("membership.MemberRenamed", {"renamed": again(n)}),
    lambda n: ("membership.PartnerJoined", {"joined": again(n)}),
    in_and_out,
    lambda n: (
        "plans.ActionRecorded",
        {"action": f"a-{n}", "point": n % 10 + 1, "as_of": again(n)},
    ),
    lambda n: ("plans.IndicatorRead", {"as_of": again(n)}),
    lambda n: ("plans.PracticeAdopted", {"member": city(n), "adopted": again(n)}),
]


@pytest.mark.parametrize("growing", GROWING, ids=[growing(FIRST)[0] for growing in GROWING])
def test_what_grows_and_grows_is_refused_in_time_and_all_else_goes_on(
    growing: Callable[[int], tuple[str, dict[str, Any]]], chain: Chain
) -> None:
    told = 0
    while told < 500:
        name, facts = growing(told + FIRST)
        entry = tell(chain, name, {"also_claimed": None, **facts}, 1000 * told)
        if entry.outcome is Outcome.REJECTED:
            break
        told += 1
    assert entry.code == "rule"
    assert told > 5
    other = tell(chain, "membership.MemberApplied", {"member": city(999), "applied": "2005"})
    assert other.outcome is Outcome.ACCEPTED
