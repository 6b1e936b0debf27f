"""Each release's journals are read for ever: a real one of each lies here, with all that occurs."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.manifests import EVENTS
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome
from shared.pipeline.tolerant import folded
from tests.contract import journals
from tests.unit.domains import decider_of

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL: Final = pytest.mark.parametrize(("release", "service"), journals.EACH)


def entries(release: str, service: str) -> list[Entry]:
    return [Entry.of(one) for one in journals.read(release, service, journals.JOURNAL)]


def states(service: str, journal: Iterable[Entry]) -> dict[Stream, Versioned[Any]]:
    """Each aggregate, folded by today's rules."""
    decider, found = decider_of(service), dict[Stream, Versioned[Any]]()
    for entry in journal:
        before = found.get(entry.stream, Versioned())
        found[entry.stream] = folded(decider, before, entry)
    return found


def test_there_is_one_of_each_release() -> None:
    """What is not released may still change what it keeps; what is, never again."""
    changelog = (journals.FOLDER.parents[2] / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## (\d+\.\d+\.\d+)(.*)$", changelog, re.MULTILINE)
    assert headings
    released = {version for version, more in headings if "unreleased" not in more}
    missing = released - set(journals.RELEASES)
    assert not missing, f"`python -m tests.contract.journals VERSION` for {missing}"


@ALL
def test_each_entry_is_read_and_would_be_written_as_it_is(release: str, service: str) -> None:
    documents = journals.read(release, service, journals.JOURNAL)
    assert documents
    for document in documents:
        entry = Entry.of(document)
        assert not entry.unreadable
        again = entry.document()
        assert {name: again.get(name) for name in document} == document
        assert {event.type for event in entry.events} <= EVENTS.keys()
        assert len(list(entry.typed_events())) == len(entry.events)


@ALL
def test_each_aggregate_is_folded_without_a_gap(release: str, service: str) -> None:
    kinds = decider_of(service).states
    # What could not be read has no aggregate: its place on Kafka is its version.
    journal = [one for one in entries(release, service) if one.stream.partition("/")[0] in kinds]
    for stream, found in states(service, journal).items():
        versions = [entry.version for entry in journal if entry.stream == stream]
        assert versions == [*range(1, len(versions) + 1)]
        assert (found.unreadable, found.version) == ("", len(versions))


@pytest.mark.parametrize("release", journals.RELEASES)
def test_it_has_all_that_occurs(release: str) -> None:
    """Else a release may break what nobody has looked at."""
    every = [entry for service in ("membership", "plans") for entry in entries(release, service)]
    assert {entry.outcome for entry in every} == set(Outcome)
    codes = Counter(entry.code for entry in every if entry.outcome is Outcome.REJECTED)
    assert {"body", "record", "envelope", "type", "contract", "reused", "rule"} <= codes.keys()
    replayed = [entry for entry in every if entry.key.replay]
    assert {entry.outcome for entry in replayed} & {Outcome.ACCEPTED}
    deliveries = journals.read(release, "notifications", journals.DELIVERIES)
    assert {"sent", "waiting", "queued"} <= {one["state"] for one in deliveries}
