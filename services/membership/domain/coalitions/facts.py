"""What of a coalition can be corrected, and where it stands."""

from __future__ import annotations

from typing import Final

from services.membership.domain.coalitions.offices import Term
from services.membership.domain.coalitions.state import (
    Coalition,
    CoalitionName,
    Decision,
    Organ,
    PublicCount,
    Statutes,
    named,
)
from shared.domain.corrections.facts import Fact
from shared.domain.dates import by_date

FACTS: Final[dict[str, Fact]] = {
    "in creation": Fact("in_creation_since"),
    "founded": Fact("founded"),
    "founding place": Fact("founding_place"),
    "launched": Fact("launched", along=("place", "occasion")),
    "launch place": Fact("place"),
    "parent": Fact("parent"),
    "name": Fact("name", "called", CoalitionName, is_needed=True),
    "acronym": Fact("acronym", "called", CoalitionName),
    "renamed": Fact("since", "called", CoalitionName, removes=True),
    "statutes adopted": Fact("adopted", "statutes", Statutes, removes=True),
    "members counted": Fact("as_of", "counts", PublicCount, removes=True),
    "organ established": Fact("established", "organs", Organ),
    "organ name": Fact("name", "organs", Organ, is_needed=True),
    "office": Fact("office", "offices", Term, removes=True),
    "office since": Fact("since", "offices", Term, removes=True),
    "office until": Fact("until", "offices", Term),
    "office seen": Fact("seen", "offices", Term),
    "elected": Fact("elected", "offices", Term),
    "decided": Fact("decided", "decisions", Decision, removes=True),
}


def with_all_names(coalition: Coalition) -> Coalition:
    """With its first name among its names, where it has no other yet."""
    return coalition.model_copy(update={"called": coalition.called or (coalition.name_now,)})


def settled(coalition: Coalition) -> Coalition:
    """What follows from its facts: order, the name in force, whether it is launched."""
    names = by_date(coalition.called, lambda c: c.since)
    is_first = len(names) == 1 and names[0].since is None
    launched = coalition.launched
    return coalition.model_copy(
        update={
            **named(names[-1]),
            "called": () if is_first else names,
            "state": "launched" if launched else "in creation",
            "place": coalition.place if launched else coalition.founding_place,
            "statutes": by_date(coalition.statutes, lambda s: s.adopted),
            "counts": by_date(coalition.counts, lambda c: c.as_of),
            "decisions": by_date(coalition.decisions, lambda d: d.decided),
            "offices": tuple(term.in_order() for term in coalition.offices),
        }
    )
