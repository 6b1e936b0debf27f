"""Whom an event may concern, found by its kind and by what it is about; the others cost nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from services.notifications.domain.preferences import Preference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from services.notifications.domain.rules import Facts, Rule

P = TypeVar("P", bound=Preference)


class _Place(NamedTuple):
    """Something that an event may be about: a member, country or coalition; without a name, all."""

    what: str
    name: str | None = None


_ANYWHERE: Final = _Place("anywhere")
_OF_NO_COALITION: Final = _Place("coalition")
_ANY_KIND: Final = ""


class Candidates(Generic[P]):
    """An index of groups of people who want the same, by the rules that have them told.

    A group that is not found would be told of nothing; one that is found may still be. What is
    named first of members, countries and coalitions narrows it most.
    """

    def __init__(self, groups: Sequence[Sequence[P]]) -> None:
        self._groups = groups
        self._by_kind = defaultdict[str, set[int]](set)
        self._by_place = defaultdict[_Place, set[int]](set)
        for number, group in enumerate(groups):
            for rule in _telling(group[0]):
                for kind in rule.kinds or (_ANY_KIND,):
                    self._by_kind[kind].add(number)
                for place in _places(rule, group):
                    self._by_place[place].add(number)

    def of(self, facts: Facts) -> Iterator[Sequence[P]]:
        """The groups that an event may concern, in their order."""
        kinds = (facts.kind, _ANY_KIND)
        by_kind = set[int]().union(*(self._by_kind.get(kind, ()) for kind in kinds))
        by_place = set[int]().union(*(self._by_place.get(one, ()) for one in _about(facts)))
        return (self._groups[number] for number in sorted(by_kind & by_place))


def _telling(one: Preference) -> Iterator[Rule]:
    """The rules by which somebody may be told of something; none counts behind one for all."""
    for rule in (*one.rules, *one.defaults):
        if rule.how != "never":
            yield rule
        if rule.is_for_all:
            return


def _places(rule: Rule, group: Sequence[Preference]) -> Iterable[_Place]:
    """Where a rule may fit for one of those who want the same."""
    if rule.members:
        return (_Place("member", member) for member in rule.members)
    if rule.own == "member":
        return (_Place("member", member) for one in group for member in one.members)
    if rule.countries:
        return (_Place("country", country) for country in rule.countries)
    if rule.coalitions:
        return (_OF_NO_COALITION, *(_Place("coalition", one) for one in rule.coalitions))
    if rule.own == "coalition" and (group[0].coalitions or group[0].members):
        return (_OF_NO_COALITION, *(_Place("coalition", one) for one in group[0].coalitions))
    return (_ANYWHERE,)


def _about(facts: Facts) -> Iterator[_Place]:
    """What an event is about."""
    yield _ANYWHERE
    yield from (_Place("member", member) for member in facts.members)
    yield from (_Place("country", country) for country in facts.countries)
    yield from (_Place("coalition", one) for one in facts.coalitions or (None,))
