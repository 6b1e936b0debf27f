"""What is compared with what: commitments of one text, of one area, of one instrument."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from services.plans.domain.commitments.progress import ADVANCE
from services.plans.domain.commitments.size import SIZES, Size
from services.plans.domain.plans.state import find_version
from shared.domain.dates import certain_day, in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from services.plans.domain.commitments.state import Choice
    from services.plans.domain.plans.state import Plan
    from shared.contracts.plans import Status

    ByStatus = dict[Status, int]

G = TypeVar("G", str, "Which")


class Which(NamedTuple):
    """Which point of which plan: the same number in another version is another commitment."""

    coalition: str
    plan_version: int
    point: int


class Counted(NamedTuple):
    """How many commitments of a point, of members of a size, have a status.

    Attributes:
        taken_up: whether their members have chosen them, or chosen none.
    """

    which: Which
    status: Status
    taken_up: bool
    number: int
    size: Size = "unknown"


def chosen_on(
    choices: Iterable[Choice],
    version: int | None,
    day: str,
    from_: Callable[[str], str] = certain_day,
) -> Sequence[int]:
    """The points that a member has chosen of a version, on a day; none after their term.

    Args:
        choices: all that it made.
        version: of the plan.
        day: the day.
        from_: from which day on a choice holds that is dated only to the month or year.
    """
    under = (one for one in choices if one.plan_version == version)
    choice = in_force(under, lambda one: one.as_of, day, from_)
    has_ended = choice is not None and choice.until is not None and choice.until < day
    return choice.points if choice and not has_ended else ()


def is_taken_up(point: int, chosen: Collection[int], borne_by: str | None = None) -> bool:
    """Whether a member is compared by a commitment: it chose it, or has chosen none of the ten.

    What an organisation bears for all is nobody's who did not choose it.
    """
    return point in chosen if chosen else borne_by is None


def by_status(counted: Iterable[Counted]) -> ByStatus:
    """How many have each status."""
    numbers = Counter[str]()
    for one in counted:
        numbers[one.status] += one.number
    return {status: numbers[status] for status in ADVANCE}


def by_point(counted: Iterable[Counted]) -> dict[Which, ByStatus]:
    """The same for each point of each version of each plan."""
    return _by(counted, lambda which: [which])


def by_area(counted: Iterable[Counted], plans: Mapping[str, Plan]) -> dict[str, ByStatus]:
    """The same for each area of competence; a commitment of two areas counts in both."""
    return _by(counted, lambda which: _areas(plans.get(which.coalition), which))


def by_instrument(counted: Iterable[Counted], plans: Mapping[str, Plan]) -> dict[str, ByStatus]:
    """The same for each international instrument, by name."""
    return _by(counted, lambda which: _instruments(plans.get(which.coalition), which))


def by_size(counted: Iterable[Counted]) -> dict[Size, ByStatus]:
    """The same for each class of size that has any, the smallest first."""
    grouped = defaultdict[Size, list[Counted]](list)
    for one in counted:
        grouped[one.size].append(one)
    return {size: by_status(grouped[size]) for size in SIZES if size in grouped}


def title_of(plans: Mapping[str, Plan], which: Which) -> str | None:
    """The text of a point, if its plan is there."""
    version = find_version(plans.get(which.coalition), which.plan_version)
    return version.commitments[which.point - 1] if version else None


def _areas(plan: Plan | None, which: Which) -> Iterator[str]:
    version = find_version(plan, which.plan_version)
    if version and version.points:
        yield from dict.fromkeys(version.points[which.point - 1].areas)


def _instruments(plan: Plan | None, which: Which) -> Iterator[str]:
    version = find_version(plan, which.plan_version)
    if version and version.points:
        yield from dict.fromkeys(i.name for i in version.points[which.point - 1].instruments)


def _by(counted: Iterable[Counted], groups: Callable[[Which], Iterable[G]]) -> dict[G, ByStatus]:
    grouped = defaultdict[G, list[Counted]](list)
    for one in counted:
        for group in groups(one.which):
            grouped[group].append(one)
    return {group: by_status(grouped[group]) for group in sorted(grouped)}
