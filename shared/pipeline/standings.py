"""Whether Kafka's offsets and the store tell the same story, partition by partition; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from aiokafka import TopicPartition

_SHOWN: Final = 3
"""Partitions that a reason names; the others are in the same state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What Kafka and the store say of one partition.

    Attributes:
        committed: the consumer group's offset; None where there is none.
        owner: the installation that committed it; empty where nobody said so.
        expected: the offset that the store expects next; None where it knows nothing.
        begin: the first offset that is still there.
        end: the offset that the next record will have.
    """

    committed: int | None
    owner: str
    expected: int | None
    begin: int
    end: int

    @property
    def is_replaced(self) -> bool:
        """Whether the partition is shorter than what was read of it."""
        return self.end < max(self.committed or 0, self.expected or 0)

    @property
    def unread(self) -> int | None:
        """The first offset that the store has not read; None where nothing was ever read."""
        return self.committed if self.expected is None else self.expected

    @property
    def skip_unread(self) -> int:
        """Where the group goes on: not before what is there, and all of it if it is new."""
        if self.committed is None or self.is_replaced:
            return self.begin
        return max(self.committed, self.begin)

    @property
    def reread(self) -> int:
        """Where the store goes on, and not behind the group: what follows was never decided.

        Kafka forgets the offsets of a topic that is deleted: made anew it may be as long by now,
        and then what the store expects means other records.
        """
        if self.expected is None or self.committed is None or self.is_replaced:
            return self.begin
        return max(min(self.expected, self.committed), self.begin)


Standings = Mapping["TopicPartition", Standing]


class Finding(NamedTuple):
    """Why a service must not read.

    Attributes:
        code: for programs, and to look up in docs/operations.md.
        reason: what is so, in numbers.
        remedy: what an operator can do; `SERVICE` stands for the service's name.
    """

    code: str
    reason: str
    remedy: str


def examine(standings: Standings, installation: str, *, is_empty: bool) -> Finding | None:
    """Find what must not be passed over in silence.

    That offsets lie behind the store is no such thing: whatever is read again is known.

    Args:
        standings: all that is to be read.
        installation: the id of the store's installation.
        is_empty: whether the store has decided nothing yet.
    """
    foreign = {s.owner for s in standings.values() if s.owner and s.owner != installation}
    if foreign:
        return _other_installation(min(foreign), installation)
    for is_so, describe in (
        (lambda s: s.is_replaced, _replaced),
        (lambda s: _is_ahead(s, is_empty=is_empty), _ahead),
        (_is_gap, _gap),
    ):
        if found := {tp: s for tp, s in standings.items() if is_so(s)}:
            return describe(found)
    return None


def topics_differ(differences: Sequence[str]) -> Finding | None:
    """Find that topics are not as the services rely on, if they are not."""
    if not differences:
        return None
    return Finding(
        "topic-settings",
        "; ".join(differences),
        "put the topics right (docs/operations.md has the commands), and the service goes on by "
        "itself; or `coalition consumer skip-unread SERVICE` accepts them as they are",
    )


def group_in_use(group: str, count: int) -> Finding:
    """Find that others read with the group, and have not claimed so many partitions for us."""
    return Finding(
        "group-in-use",
        f"the consumer group {group} has members, and {count} of its offsets do not carry this "
        "installation's id: something else reads with it",
        "end whatever else reads with this group, and the service goes on by itself",
    )


def _is_ahead(standing: Standing, *, is_empty: bool) -> bool:
    """Whether the group has passed what the store has read."""
    if standing.committed is None:
        return False
    if standing.expected is not None:
        return standing.committed > standing.expected
    # Offsets from before stores kept any carry no id; the journal shows that they are ours.
    return (is_empty or bool(standing.owner)) and standing.committed > standing.begin


def _is_gap(standing: Standing) -> bool:
    """Whether records were removed that nobody here has read."""
    return standing.unread is not None and standing.begin > standing.unread


def _other_installation(theirs: str, ours: str) -> Finding:
    return Finding(
        "other-installation",
        f"the consumer group's offsets were committed by the installation {theirs}, and this "
        f"store belongs to {ours}: another installation reads with this group, or this is not "
        "the store that has read so far",
        "give one of the two its own COALITION_PREFIX, or connect the store that has read so far. "
        "To go on with this store in its place: `coalition consumer reread SERVICE` reads "
        "everything again, `coalition consumer skip-unread SERVICE` goes on from where the other "
        "one stopped",
    )


def _replaced(found: Standings) -> Finding:
    return Finding(
        "topic-replaced",
        _named(
            found,
            lambda s: (
                f"ends at {s.end}, but was read up to {max(s.committed or 0, s.expected or 0)}"
            ),
        )
        + ": the topic was deleted and made anew, or Kafka was restored from an older state",
        "restore the topic, or `coalition consumer skip-unread SERVICE` reads it from its "
        "beginning as it is now",
    )


def _ahead(found: Standings) -> Finding:
    return Finding(
        "store-behind",
        _named(
            found,
            lambda s: (
                f"is committed up to {s.committed}, but this store has read it only up to "
                f"{s.expected or 0}"
            ),
        )
        + ": this is another store or an older copy, or somebody moved the group's offsets ahead",
        "connect the store that has read so far; or, where it was restored from a backup, "
        "`coalition consumer reread SERVICE` reads what it missed. "
        "`coalition consumer skip-unread SERVICE` gives that up",
    )


def _gap(found: Standings) -> Finding:
    return Finding(
        "records-deleted",
        _named(found, lambda s: f"begins at {s.begin}, but the next to be read was {s.unread}")
        + ": records were deleted before this service read them",
        "have their publishers send them again if you can; "
        "`coalition consumer skip-unread SERVICE` goes on with what is there",
    )


def _named(found: Standings, describe: Callable[[Standing], str]) -> str:
    shown = [
        f"{tp.topic}/{tp.partition} {describe(standing)}"
        for tp, standing in sorted(found.items())[:_SHOWN]
    ]
    more = len(found) - len(shown)
    return "; ".join(shown) + (f"; and {more} more partitions" if more else "")
