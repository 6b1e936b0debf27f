"""A backup is whole or none, and what was published makes the same entries again."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from bson import encode
from bson.raw_bson import RawBSONDocument

from cli import archive
from cli.adoption import Adoption, identity, rejected
from cli.restore import read_on, since
from shared import cloudevents
from shared.contracts.membership import CitySigned
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.kafka.group import Extent
from shared.kafka.salvage import Salvaged
from shared.pipeline.outbound import published_event, rejected_record
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.kafka.producer import Outgoing

STREAM = Stream("members", "de-city-bonn")
EVENTS = "coalition.membership.events.v1"


def documents() -> Iterator[RawBSONDocument]:
    for n in range(3):
        yield RawBSONDocument(encode({"_id": n, "when": NOW, "text": "ü"}))


def write(path: Path) -> None:
    with archive.writing(path) as writing:
        with writing.member("plans", "journal") as member:
            for one in documents():
                member.add(one)
        writing.end({"services": {"plans": {"collections": {"journal": member.summary()}}}})


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    write(tmp_path / "one.zip")
    with archive.reading(tmp_path / "one.zip") as opened:
        opened.check("plans")
        found = [one.raw for one in opened.documents("plans", "journal")]
    assert found == [one.raw for one in documents()]
    assert (tmp_path / "one.zip").stat().st_mode & 0o777 == 0o600


def test_a_backup_that_was_interrupted_is_not_there(tmp_path: Path) -> None:
    def interrupted() -> None:
        with archive.writing(tmp_path / "one.zip"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


def test_one_that_was_changed_or_is_none_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "one.zip")
    with (
        zipfile.ZipFile(tmp_path / "one.zip") as good,
        zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad,
    ):
        bad.writestr("plans/journal.bson", good.read("plans/journal.bson")[:-1] + b"x")
        bad.writestr("manifest.json", good.read("manifest.json"))
    with archive.reading(tmp_path / "bad.zip") as opened:
        with pytest.raises(archive.Broken, match="SHA-256 differs"):
            opened.check("plans")
        with pytest.raises(archive.Broken, match="nothing of membership"):
            opened.check("membership")
    (tmp_path / "none.zip").write_bytes(b"no zip")
    with pytest.raises(archive.Broken, match="no backup"), archive.reading(tmp_path / "none.zip"):
        pass


def test_whatever_byte_of_it_is_damaged_it_is_refused_or_nothing_of_it_is_lost(
    tmp_path: Path,
) -> None:
    write(tmp_path / "one.zip")
    good, refused = (tmp_path / "one.zip").read_bytes(), 0
    for at, wrong in ((at, wrong) for at in range(len(good)) for wrong in (0x01, 0x08, 0xFF)):
        bad = bytearray(good)
        bad[at] ^= wrong
        (tmp_path / "bad.zip").write_bytes(bad)
        try:
            with archive.reading(tmp_path / "bad.zip") as opened:
                opened.check("plans")
                assert len([*opened.documents("plans", "journal")]) == 3
        except archive.Broken:
            refused += 1
    assert refused > len(good)


def test_two_that_are_made_at_once_do_not_mix(tmp_path: Path) -> None:
    with archive.writing(tmp_path / "one.zip") as first:
        write(tmp_path / "one.zip")
        first.end({"services": {}})
    with archive.reading(tmp_path / "one.zip") as opened:
        assert not opened.services
    assert [one.name for one in tmp_path.iterdir()] == ["one.zip"]


def entry(events: int, **more: Any) -> Entry:
    key = more.pop("key", Key("urn:bonn", "one"))
    published = tuple(
        Published(
            cloudevents.derived_id(*key.parts(), "membership", n),
            CitySigned.type,
            f"subject-{n}",
            b'{"n":%d}' % n,
        )
        for n in range(events)
    )
    here = Origin("in", 0, 3)
    return Entry(key, STREAM, 7, Outcome.ACCEPTED, NOW, "digest", here, events=published, **more)


def record(outgoing: Outgoing, offset: int) -> Salvaged:
    return Salvaged(outgoing.topic, 0, offset, outgoing.key, outgoing.value, (*outgoing.headers,))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_an_entry_is_made_again_of_what_was_published_because_of_it(order: tuple[int, ...]) -> None:
    known, adoption = entry(3), Adoption("membership", 0)
    records = [
        record(published_event("membership", known, known.events[n]), at)
        for at, n in enumerate(order)
    ]
    assert [adoption.take(one) for one in records[:-1]] == [None, None]
    made = adoption.take(records[-1])
    assert made
    assert made.is_adopted
    assert made.events == known.events
    assert (made.key, made.stream, made.version, made.outcome, made.recorded) == (
        *(known.key, known.stream, known.version, known.outcome, known.recorded),
    )
    assert adoption.left == 0


def test_what_was_not_published_to_its_end_is_not_adopted() -> None:
    known, adoption = entry(2), Adoption("membership", 0)
    assert not adoption.take(record(published_event("membership", known, known.events[0]), 0))
    assert adoption.left == 1


def test_what_followed_from_a_replay_is_known_as_that() -> None:
    known, adoption = entry(1, key=Key("urn:bonn", "one", "in/0/2")), Adoption("membership", 0)
    made = adoption.take(record(published_event("membership", known, known.events[0]), 0))
    assert made
    assert made.key == known.key


def test_an_entry_is_made_again_of_what_was_rejected() -> None:
    original = Salvaged("in", 0, 3, b"key", b"no json", (("ce_id", b"one"),))
    known = entry(0)._replace(
        outcome=Outcome.REJECTED,
        key=Key.of_origin(Origin("in", 0, 3)),
        about=Key("urn:bonn", "one"),
        code="body",
        reason="no JSON",
        subject="de-city-bonn",
        type=CitySigned.type,
    )
    made = rejected(record(rejected_record("membership", original, known), 0))
    assert made == known


def test_what_somebody_else_wrote_makes_none() -> None:
    other = Salvaged(EVENTS, 0, 1, b"key", b"{}", (("ce_id", b"one"),))
    assert rejected(other) is None
    assert Adoption("membership", 0).take(other) is None
    assert identity(other, 0) is None


def test_partitions_that_were_made_after_a_backup_are_read_from_their_beginning() -> None:
    there = [TopicPartition(EVENTS, n) for n in range(4)]
    begun = since({f"{EVENTS}/0": 7, f"{EVENTS}/1": 9}, there)
    assert begun == dict(zip(there, [7, 9, 0, 0], strict=True))


def test_a_restore_beside_topics_that_were_made_anew_is_of_another_generation() -> None:
    """Else what the lost store had read of them would be mailed once more."""
    one, other = (TopicPartition(EVENTS, n) for n in range(2))
    committed = {one: 7, other: 9}
    same = {one: Extent(0, 8), other: Extent(0, 9)}
    assert read_on(committed, same) == (committed, False)
    assert read_on(committed, {**same, other: Extent(10, 12)}) == ({one: 7, other: 10}, False)
    assert read_on(committed, {**same, one: Extent(0, 2)}) == ({one: 0, other: 9}, True)
