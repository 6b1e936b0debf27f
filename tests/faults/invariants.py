"""What must hold in the end of every scenario, whatever went wrong in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from cli import kafka
from cli.client import GROUPS
from services.manifests import EVENTS
from services.plans.domain import MemberCommitments, Plan
from shared.contracts import catalogue
from shared.domain.stream import Stream
from shared.fingerprint import fingerprint
from shared.journal.entry import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aiokafka import ConsumerRecord

    from services.plans.domain import State
    from shared.contracts.base import Event
    from tests.fakes.load import Load
    from tests.faults.world import World

KINDS: Final[dict[str, type[State]]] = {"plans": Plan, "commitments": MemberCommitments}


@dataclass(slots=True)
class Found:
    """What a service made of all that it was sent.

    Attributes:
        lost: what is missing or wrong, one line each; nothing is to be here.
        repeated: events that were published more than once, under the same id.
    """

    produced: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    repeated: int = 0
    rejected_repeated: int = 0
    lost: list[str] = field(default_factory=list)


def origin(record: ConsumerRecord) -> str:
    """Where a record is, as the journal writes it."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def identity(record: ConsumerRecord) -> tuple[bytes, bytes, str]:
    """What makes a record the repetition of another: source, id, type and data."""
    headers = dict(record.headers)
    source, id_ = headers.get("ce_source") or b"", headers.get("ce_id") or b""
    type_ = (headers.get("ce_type") or b"").decode(errors="replace")
    return source, id_, fingerprint(type_, record.value or b"")


async def account(world: World, service: str) -> Found:
    """Check what must hold of any load: every record is in the journal or repeats one that is.

    Besides: the journal has no gaps, `rejected` holds each rejected record, no offset is left.
    """
    found = Found()
    entries = await world.stored(service, "journal")
    records = [
        record
        for topic in GROUPS[f"coalition.{service}"]
        for record in await kafka.read_all(world.parts.kafka, topic)
    ]
    found.produced = len(records)
    found.outcomes = Counter(entry["outcome"] for entry in entries)
    found.lost += _unaccounted(records, entries, found)
    found.lost += _gaps(entries)
    rejected = await kafka.read_all(world.parts.kafka, catalogue.rejected(service))
    found.lost += _parked(rejected, entries, found)
    if lag := await world.lag(service):
        found.lost.append(f"{lag} records are not committed")
    return found


async def compare(world: World, load: Load) -> Found:
    """Check besides that plans ended as the model says, and published what it says."""
    found = await account(world, "plans")
    expected = {str(outcome): n for outcome, n in load.outcomes.items()}
    if dict(found.outcomes) != expected or found.duplicates != load.duplicates:
        found.lost.append(
            f"{dict(found.outcomes)} and {found.duplicates} duplicates in the place of "
            f"{expected} and {load.duplicates}"
        )
    published = await kafka.read_all(world.parts.kafka, catalogue.events("plans"))
    found.lost += _published(published, load.told, found)
    found.lost += [
        problem
        for kind in KINDS
        for problem in _snapshots(kind, await world.stored("plans", kind), load.states)
    ]
    found.lost += _versions(
        await world.stored("plans", "journal"), await world.stored("plans", "commitments")
    )
    return found


def _unaccounted(
    records: Sequence[ConsumerRecord], entries: Sequence[dict[str, Any]], found: Found
) -> Iterable[str]:
    origins = {entry["origin"] for entry in entries}
    if len(origins) != len(entries):
        yield "two entries have one origin"
    decided = {identity(record) for record in records if origin(record) in origins}
    for record in records:
        if origin(record) in origins:
            continue
        if identity(record) in decided:
            found.duplicates += 1
        else:
            yield f"{origin(record)} was never decided"


def _gaps(entries: Sequence[dict[str, Any]]) -> Iterable[str]:
    streams: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        if not entry["stream"].startswith("unread/"):
            streams[entry["stream"]].append(entry["version"])
    for stream, versions in streams.items():
        if sorted(versions) != list(range(1, len(versions) + 1)):
            yield f"the versions of {stream} have a gap"


def _parked(
    rejected: Sequence[ConsumerRecord], entries: Sequence[dict[str, Any]], found: Found
) -> Iterable[str]:
    parked = Counter(dict(r.headers)["coalition-rejected-origin"].decode() for r in rejected)
    wanted = {e["origin"] for e in entries if e["outcome"] == Outcome.REJECTED.value}
    found.rejected_repeated = parked.total() - len(parked)
    if parked.keys() != wanted:
        yield f"rejected differs from the journal by {sorted(parked.keys() ^ wanted)[:5]}"


def _published(
    records: Sequence[ConsumerRecord], told: dict[str, list[Event]], found: Found
) -> Iterable[str]:
    firsts: dict[str, dict[bytes, ConsumerRecord]] = defaultdict(dict)
    for record in records:
        id_ = dict(record.headers)["ce_id"]
        first = firsts[record.key.decode()].setdefault(id_, record)
        found.repeated += first is not record
        if first.value != record.value:
            yield f"{id_!r} was published with two bodies"
    for subject in firsts.keys() | told.keys():
        events = [_event(record) for record in firsts[subject].values()]
        if events != told.get(subject, []):
            yield f"of {subject} {len(events)} events were published, other than was decided"
        sequence = [int(dict(r.headers)["ce_sequence"]) for r in firsts[subject].values()]
        if any(later < earlier for earlier, later in pairwise(sequence)):
            yield f"of {subject} events were published out of order"


def _event(record: ConsumerRecord) -> Event:
    model = EVENTS[dict(record.headers)["ce_type"].decode()]
    return model.model_validate_json(record.value)


def _snapshots(
    kind: str, documents: Sequence[dict[str, Any]], states: Mapping[Stream, State]
) -> Iterable[str]:
    snapshots = {Stream(kind, d["_id"]): KINDS[kind].model_validate(d) for d in documents}
    wanted = {stream: state for stream, state in states.items() if stream.kind == kind}
    for stream in snapshots.keys() | wanted.keys():
        if snapshots.get(stream) != wanted.get(stream):
            yield f"the snapshot {stream} is not as the model has it"


def _versions(
    entries: Sequence[dict[str, Any]], documents: Sequence[dict[str, Any]]
) -> Iterable[str]:
    newest = {entry["stream"]: 0 for entry in entries}
    for entry in entries:
        newest[entry["stream"]] = max(newest[entry["stream"]], entry["version"])
    for document in documents:
        stream = f"commitments/{document['_id']}"
        if document["version"] != newest[stream]:
            yield f"{stream} is of version {document['version']}, not {newest[stream]}"
