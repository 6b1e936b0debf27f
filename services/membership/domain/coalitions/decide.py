"""What may be said of a coalition, and what is published because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.membership.domain.coalitions import evolve
from services.membership.domain.coalitions.guards import (
    BOUNDS,
    existing,
    published,
    refuse_corrected,
    refuse_uncited,
)
from services.membership.domain.coalitions.state import CoalitionName, PublicCount
from services.membership.domain.guards import refuse_growth
from shared.domain.dates import refuse_contradiction, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.membership.domain.coalitions.state import Coalition
    from shared.contracts.base import Event
    from shared.contracts.membership import (
        CoalitionFounded,
        CoalitionLaunched,
        CoalitionRenamed,
        MembershipCounted,
        StatutesAdopted,
    )
    from shared.domain.decider import Context

# --- founding, launch and names ------------------------------


def found(
    coalition: Coalition | None, event: CoalitionFounded, context: Context
) -> Sequence[Event]:
    """Found a coalition, or add what was missing.

    Raises:
        Refused: it is above itself, or exists under another name, acronym or parent.
    """
    del context
    if event.parent == event.coalition:
        raise Refused("a coalition is not above itself")
    if coalition:
        first = evolve.first_name(coalition)
        _refuse_another(event.name, first.name, "name")
        _refuse_another(event.acronym, first.acronym, "acronym")
        _refuse_another(event.parent, coalition.parent, "parent")
        refuse_contradiction(event.founded, coalition.founded, "its founding")
        refuse_contradiction(event.in_creation_since, coalition.in_creation_since, "its creation")
        refuse_corrected(coalition, "founded", event.founded)
        refuse_corrected(coalition, "in creation", event.in_creation_since)
        refuse_corrected(coalition, "parent", event.parent)
        refuse_corrected(coalition, "founding place", event.place)
    after = evolve.founded(coalition, event)
    if coalition:
        # Beside the names of today there are those of the first name, if it was renamed.
        refuse_growth(
            after.name,
            evolve.first_name(coalition),
            evolve.first_name(after),
            {"names": BOUNDS["names"]},
        )
    return published(coalition, event, after)


def _refuse_another(new: str | None, current: str | None, what: str) -> None:
    if new and current and new != current:
        raise Refused(f"the coalition exists under the {what} {current!r}")


def launch(
    coalition: Coalition | None, event: CoalitionLaunched, context: Context
) -> Sequence[Event]:
    """Launch a coalition in public.

    Raises:
        Refused: it was launched on another date, or will be.
    """
    refuse_future(event.launched, context.now)
    coalition = existing(coalition, event)
    refuse_contradiction(event.launched, coalition.launched, "its launch")
    refuse_corrected(coalition, "launched", event.launched)
    refuse_corrected(coalition, "launch place", event.place)
    return published(coalition, event, evolve.launched(coalition, event))


def rename(
    coalition: Coalition | None, event: CoalitionRenamed, context: Context
) -> Sequence[Event]:
    """Give a coalition another name from a date on.

    Raises:
        Refused: it is not known, or the date lies in the future.
    """
    refuse_future(event.renamed, context.now)
    coalition = existing(coalition, event)
    name = CoalitionName(since=event.renamed, name=event.name)
    refuse_corrected(coalition, "renamed", event.renamed, name)
    refuse_corrected(coalition, "name", event.name)
    return published(coalition, event, evolve.renamed(coalition, event))


# --- statutes, counts ------------------------------


def adopt_statutes(
    coalition: Coalition | None, event: StatutesAdopted, context: Context
) -> Sequence[Event]:
    """Adopt statutes, which hold from their date on.

    Raises:
        Refused: the coalition or the decision is not known, or the date lies in the future.
    """
    refuse_future(event.adopted, context.now)
    coalition = existing(coalition, event)
    refuse_corrected(coalition, "statutes adopted", event.adopted)
    refuse_uncited(coalition, event.decision)
    return published(coalition, event, evolve.statutes_adopted(coalition, event))


def count_members(
    coalition: Coalition | None, event: MembershipCounted, context: Context
) -> Sequence[Event]:
    """Note how many members a public source counts.

    Raises:
        Refused: the coalition is not known, or the date lies in the future.
    """
    refuse_future(event.as_of, context.now)
    coalition = existing(coalition, event)
    count = PublicCount(as_of=event.as_of, members=event.members, source=event.source)
    refuse_corrected(coalition, "members counted", event.as_of, count)
    return published(coalition, event, evolve.membership_counted(coalition, event))
