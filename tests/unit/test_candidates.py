"""An event looks only at whom it may concern, and misses nobody."""

from __future__ import annotations

from typing import Final, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.domain import Interest
from services.notifications.domain.preferences import choice
from services.notifications.domain.rules import Facts, Rule
from shared.contracts.notifications import How, Role, Urgency
from tests.wishes import all_of, wants

KINDS: Final = ("CitySigned", "MemberSuspended", "ActionRecorded")
COALITIONS: Final = ("europe", "africa")
COUNTRIES: Final = ("DE", "SN")
MEMBERS: Final = ("de-city-bonn", "sn-city-dakar", "de-city-potsdam")


def some(of: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """Often nothing."""
    return st.just(()) | st.just(()) | st.lists(st.sampled_from(of), max_size=2).map(tuple)


rules = st.builds(
    Rule,
    own=st.sampled_from([None, "member", "coalition"]),
    coalitions=some(COALITIONS),
    countries=some(COUNTRIES),
    members=some(MEMBERS),
    points=st.sampled_from([(), (3,)]),
    kinds=some(KINDS),
    urgency=st.sampled_from([(), (), ("critical",)]),
    how=st.sampled_from(get_args(How)),
)
people = st.builds(
    Interest,
    id=st.just("a"),
    role=st.sampled_from(get_args(Role)),
    coalitions=some(COALITIONS),
    members=some(MEMBERS),
    rules=st.builds(
        lambda own, rest: (*own, *rest),
        st.lists(rules, max_size=2),
        st.sampled_from(
            [(), (Rule(how="never"),), (Rule(how="never"), Rule(kinds=KINDS, how="daily"))]
        ),
    ),
)
occurrences = st.builds(
    Facts,
    kind=st.sampled_from(KINDS),
    urgency=st.sampled_from(get_args(Urgency)),
    coalitions=some(COALITIONS).map(frozenset),
    countries=some(COUNTRIES).map(frozenset),
    members=some(MEMBERS).map(frozenset),
    points=st.sampled_from([frozenset(), frozenset({3}), frozenset({4})]),
    roles=st.sampled_from([frozenset[str](), frozenset({"secretariat"})]),
)


@settings(max_examples=600)
@given(people, occurrences)
def test_whoever_would_be_told_is_found(one: Interest, found: Facts) -> None:
    _, how, _ = choice(one, found, one.scope(found))
    assert how == "never" or [*all_of(one).candidates.of(found)] == [(one,)]


def test_of_many_who_want_something_else_each_an_event_looks_at_few() -> None:
    everybody = all_of(
        *(Interest(id=f"own {n}", role="focal point", members=(f"city-{n}",)) for n in range(99)),
        *(wants(f"rule {n}", rules=(_of(f"city-{n}"), Rule(how="never"))) for n in range(99)),
        *(wants(f"kind {n}", "MemberSuspended", digest_hour=n % 24) for n in range(99)),
        *(wants(f"in {n}", coalitions=("africa",), zone=f"Etc/GMT+{n % 12}") for n in range(99)),
    )
    signed = Facts("CitySigned", "normal", frozenset({"europe"}), members=frozenset({"city-7"}))
    found = [[one.id for one in group] for group in everybody.candidates.of(signed)]
    assert ["rule 7"] in found
    # Of those who differ only in whose they are, one speaks for all.
    assert {group[0].partition(" ")[0] for group in found} == {"own", "rule"}
    assert len(found) == 2


def _of(member: str) -> Rule:
    return Rule(members=(member,), how="at once")
