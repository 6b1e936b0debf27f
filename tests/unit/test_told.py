"""How a person is told of an event: by their rules, by their role, at once, in a digest or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, get_args

import pytest

from services.notifications.domain import ALL_SUBSCRIPTIONS, DECIDER, NOTIFIED, Interest
from services.notifications.domain.changes import facts
from services.notifications.domain.preferences import OLD, Preference, QuietHours, told
from services.notifications.domain.rules import CRITICAL, DEFAULTS, LOW, Facts, Rule
from shared.contracts import membership, plans
from shared.contracts.base import MemberRef
from shared.contracts.notifications import Role
from shared.domain.decider import Context
from tests.wishes import ALL, all_of, subscriptions_of, wants

if TYPE_CHECKING:
    from shared.contracts.base import Event
    from shared.contracts.notifications import Urgency

NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
NIGHT: Final = QuietHours(start="22:00", end="07:00")
BONN: Final = MemberRef(id="de-city-bonn", name="Bonn", country="DE", kind="city")


def about(
    kind: str = "CitySigned",
    urgency: Urgency = "normal",
    coalition: str | None = "europe",
    member: str | None = "de-city-bonn",
    **more: Any,
) -> Facts:
    known = Facts(
        kind,
        urgency,
        frozenset({coalition} if coalition else ()),
        frozenset({"DE"} if member else ()),
        frozenset({member} if member else ()),
    )
    return known._replace(**more)


def how(preference: Preference, found: Facts, dated: str | None = None) -> str:
    return told(preference, found, dated, NOON).how


# --- rules -----------------------------------------------------------------------------------


def test_the_first_rule_that_fits_counts() -> None:
    rules = (
        Rule(kinds=("CitySigned",), coalitions=("europe",), how="never"),
        Rule(coalitions=("europe",), how="at once"),
        Rule(how="weekly"),
    )
    one = Preference(rules=rules)
    assert how(one, about()) == "never"
    assert how(one, about("MemberAdmitted")) == "at once"
    assert how(one, about(coalition="africa")) == "weekly"
    turned = Preference(rules=rules[::-1])
    assert how(turned, about()) == "weekly"


@pytest.mark.parametrize(
    ("rule", "fits", "fits_not"),
    [
        ({"coalitions": ("europe",)}, {}, {"coalition": "africa"}),
        ({"coalitions": ("europe",)}, {"coalition": None}, {"coalition": "africa"}),
        ({"countries": ("DE",)}, {}, {"countries": frozenset({"FR"})}),
        ({"countries": ("DE",)}, {}, {"member": None}),
        ({"members": ("de-city-bonn",)}, {}, {"member": "de-city-berlin"}),
        ({"members": ("de-city-bonn",)}, {}, {"member": None}),
        ({"points": (3, 4)}, {"points": frozenset({4})}, {"points": frozenset({5})}),
        ({"points": (3,)}, {"points": frozenset({3, 9})}, {}),
        ({"kinds": ("CitySigned",)}, {}, {"kind": "MemberAdmitted"}),
        ({"urgency": ("low",)}, {"urgency": "low"}, {}),
    ],
)
def test_a_rule_fits_what_it_names(
    rule: dict[str, Any], fits: dict[str, Any], fits_not: dict[str, Any]
) -> None:
    one = Preference(rules=(Rule(**rule, how="daily"), Rule(how="never")))
    assert how(one, about(**fits)) == "daily"
    assert how(one, about(**fits_not)) == "never"


def test_a_rule_keeps_its_name_wherever_it_stands_and_another_one_has_another() -> None:
    first, second = Rule(kinds=("CitySigned",), how="daily"), Rule(how="daily")
    names = [id_ for id_, _ in Preference(rules=(first, second)).ruled]
    turned = [id_ for id_, _ in Preference(rules=(second, first)).ruled]
    assert names[:2] == turned[1::-1]
    assert len(set(names)) == len(names)
    found = told(Preference(rules=(first,)), about(), None, NOON)
    assert found.rule == names[0]


# --- roles -----------------------------------------------------------------------------------


def test_each_role_has_defaults_that_say_something_of_every_event() -> None:
    assert DEFAULTS.keys() == set(get_args(Role))
    assert all(rules[-1] == Rule(how="never") for rules in DEFAULTS.values())


@pytest.mark.parametrize(
    ("role", "own_member", "own_coalition", "elsewhere"),
    [
        ("secretariat", "daily", "daily", "never"),
        ("lead city", "at once", "daily", "never"),
        ("focal point", "at once", "weekly", "never"),
        ("observer", "weekly", "weekly", "never"),
    ],
)
def test_what_a_role_is_told_of_its_own(
    role: Role, own_member: str, own_coalition: str, elsewhere: str
) -> None:
    one = Preference(role=role, coalitions=("europe",), members=("de-city-bonn",))
    assert how(one, about()) == own_member
    assert how(one, about(member="fr-city-nantes")) == own_coalition
    assert how(one, about(coalition="africa", member="sn-city-dakar")) == elsewhere
    assert how(one, about(coalition=None, member=None)) == own_coalition


def test_a_focal_point_hears_of_its_member_without_having_named_a_coalition() -> None:
    one = Preference(role="focal point", members=("de-city-bonn",))
    assert how(one, about()) == "at once"
    assert how(one, about(member="fr-city-nantes")) == "never"


def test_who_names_neither_coalitions_nor_members_works_for_all() -> None:
    assert how(Preference(role="secretariat"), about()) == "daily"
    assert how(Preference(role="observer"), about(coalition="africa")) == "weekly"


def test_every_kind_that_has_an_urgency_of_its_own_is_one_that_people_are_notified_of() -> None:
    assert {event.__name__ for event in NOTIFIED} >= CRITICAL | LOW


def test_rules_see_countries_members_points_and_both_coalitions_of_an_event() -> None:
    updated = plans.CommitmentUpdated(
        coalition="europe", member=BONN, point=3, status="stalled", as_of="2026", basis="reported"
    )
    found = facts(updated)
    assert (found.countries, found.members) == (frozenset({"DE"}), frozenset({"de-city-bonn"}))
    assert found.points == {3}
    moved = membership.MemberCorrected.model_validate(
        {
            "coalition": "europe",
            "coalition_before": "africa",
            "member": BONN,
            "fact": "coalition",
            "recorded": "africa",
            "correct": "europe",
            "reason": "a slip",
        }
    )
    assert facts(moved).coalitions == {"europe", "africa"}


# --- urgency and time ------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["daily", "weekly"])
def test_what_is_critical_for_the_own_city_passes_digests_and_quiet_hours(rule: Any) -> None:
    night = NOON.replace(hour=23)
    one = Preference(members=("de-city-bonn",), rules=(Rule(how=rule),), quiet_hours=NIGHT)
    own = told(one, about("MemberSuspended", "critical"), None, night)
    assert (own.how, own.due) == ("at once", None)
    other = told(one, about("MemberSuspended", "critical", member="fr-city-nantes"), None, night)
    assert other.how == rule


def test_who_wants_none_of_it_is_not_told_of_what_is_critical_either() -> None:
    one = Preference(members=("de-city-bonn",), rules=(Rule(how="never"),))
    assert how(one, about("MemberSuspended", "critical")) == "never"


def test_what_comes_at_once_in_quiet_hours_is_due_when_they_end() -> None:
    one = Preference(rules=ALL, quiet_hours=NIGHT, zone="Africa/Dakar")
    for now, due in (
        (NOON, None),
        (NOON.replace(hour=22), NOON.replace(hour=7) + timedelta(days=1)),
        (NOON.replace(hour=6, minute=59), NOON.replace(hour=7)),
        (NOON.replace(hour=7), None),
    ):
        assert told(one, about(), None, now).due == due


def test_what_happened_long_before_it_is_decided_waits_for_the_weekly_digest() -> None:
    one = Preference(rules=ALL, members=("de-city-bonn",))
    last, old = (NOON - OLD + timedelta(days=1)).date(), (NOON - OLD).date()
    assert how(one, about(), last.isoformat()) == "at once"
    assert how(one, about(), old.isoformat()) == "weekly"
    assert how(one, about("MemberSuspended", "critical"), "2006-08") == "weekly"
    # What is dated to the year may have been yesterday.
    assert how(one, about(), "2026") == "at once"


# --- the decision ----------------------------------------------------------------------------


def decided(event: Event, *interests: Interest, now: datetime = NOON) -> list[Any]:
    context = Context({ALL_SUBSCRIPTIONS: all_of(*interests)}, now, ("urn:a", "1"))
    return list(DECIDER.decide(None, event, context))


def signed(day: str = "2026-03-09") -> membership.CitySigned:
    return membership.CitySigned(coalition="europe", member=BONN, signed=day)


def test_a_notification_says_of_each_how_they_are_told_and_by_which_rule() -> None:
    people = (
        wants("1"),
        wants("2", how="daily"),
        wants("3", how="never"),
        wants("4", "MemberAdmitted"),
        Interest(id="5", role="focal point", members=("de-city-bonn",)),
        wants("6", quiet_hours={"start": "11:00", "end": "13:00"}),
    )
    (queued,) = decided(signed(), *people)
    found = {id_: one for one in queued.recipients for id_ in one.subscriptions}
    assert {id_: (one.how, one.rule[:3]) for id_, one in found.items()} == {
        "1": ("at once", "own"),
        "2": ("daily", "own"),
        "5": ("at once", "def"),
        "6": ("at once", "own"),
    }
    assert found["6"].due == NOON.replace(hour=13)
    assert found["1"].rule == found["6"].rule
    assert (queued.dated, queued.decided, queued.urgency) == ("2026-03-09", NOON, "normal")
    assert queued.event_type == membership.CitySigned.type
    assert membership.CitySigned.model_validate(queued.data) == signed()


def test_five_hundred_people_who_want_the_same_are_decided_once_and_their_own_cities_apart() -> (
    None
):
    people = [wants(f"{n:03}") for n in range(250)]
    of_bonn = [
        Interest(id=f"b{n:03}", role="focal point", members=("de-city-bonn",)) for n in range(3)
    ]
    elsewhere = [
        Interest(id=f"e{n:03}", role="focal point", members=(f"de-city-{n}",)) for n in range(247)
    ]
    assert len(all_of(*people, *of_bonn, *elsewhere).profiles) == 2
    (queued,) = decided(signed(), *people, *of_bonn, *elsewhere)
    assert set(subscriptions_of(queued)) == {one.id for one in (*people, *of_bonn)}
