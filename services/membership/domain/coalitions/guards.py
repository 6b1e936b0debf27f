"""What is refused of a coalition whatever the event, and what membership adds to each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions.facts import FACTS, with_all_names
from services.membership.domain.guards import Bound, Bounds, refuse_growth
from shared.contracts.membership import bounds
from shared.domain.corrections.facts import find_corrected
from shared.domain.decider import Refused
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.membership.domain.coalitions.state import Coalition
    from shared.contracts.base import Event, Model
    from shared.contracts.membership import CoalitionEvent, CoalitionFact

BOUNDS: Final[Bounds] = {
    "names": Bound(bounds.MAX_TRANSLATIONS, "names in other languages", "leave some out"),
    "called": Bound(bounds.MAX_NAMES, "names one after another", "leave out the least of them"),
    "statutes": Bound(
        bounds.MAX_STATUTES, "statutes", "send those of a date again to replace them"
    ),
    "organs": Bound(bounds.MAX_ORGANS, "organs", "leave out those that are no more"),
    "offices": Bound(bounds.MAX_OFFICES, "terms of office", "leave out the oldest"),
    "decisions": Bound(bounds.MAX_DECISIONS, "decisions", "leave out the oldest"),
    "counts": Bound(
        bounds.MAX_COUNTS, "public counts", "send one of the same date and source to replace it"
    ),
    "corrections": Bound(bounds.MAX_CORRECTIONS, "corrections", "take one back"),
    "also_claimed": Bound(bounds.MAX_CLAIMED, "rival claims", "leave out the least of them"),
}


def existing(coalition: Coalition | None, event: CoalitionEvent) -> Coalition:
    """The coalition as it is recorded.

    Raises:
        Refused: nothing is recorded of it.
    """
    if coalition is None:
        raise Refused(f"the coalition {event.coalition!r} is not known")
    return coalition


def published(before: Coalition | None, event: CoalitionEvent, after: Coalition) -> Sequence[Event]:
    """The event with the coalition's name; nothing where it is no news of the coalition.

    Raises:
        Refused: the coalition would be larger than it may be.
    """
    if after == before:
        return []
    refuse_growth(after.name, before, after, BOUNDS)
    return [event.model_copy(update={"coalition_name": after.name})]


def refuse_corrected(
    coalition: Coalition, fact: CoalitionFact, value: str | None, item: Model | None = None
) -> None:
    """Refuse what was corrected: a source that still has the mistake does not bring it back.

    Raises:
        Refused: it was corrected.
    """
    if found := find_corrected(with_all_names(coalition), FACTS, fact, value, item):
        raise Refused(f"{fact} {value} was corrected: {found.reason}")


def refuse_unknown(what: str, id_: str | None, there: Iterable[str]) -> None:
    """Refuse an id of which nothing is recorded, naming the nearest that there is.

    Raises:
        Refused: it is not among those that are there.
    """
    ids = list(there)
    if id_ is None or id_ in ids:
        return
    hint = f": {meant(id_, ids)}" if ids else ", and no other either: send it first"
    raise Refused(f"the {what} {id_!r} is not known{hint}")


def refuse_uncited(coalition: Coalition, decision: str | None) -> None:
    """Refuse to cite a decision that is not recorded.

    Raises:
        Refused: no such decision is recorded.
    """
    refuse_unknown("decision", decision, (d.id for d in coalition.decisions))
