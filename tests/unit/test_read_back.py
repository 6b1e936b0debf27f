"""What is decided is what is read back: an outcome told at once is the one that is told later."""

from __future__ import annotations

from datetime import timedelta

import bson
from bson.codec_options import CodecOptions

from shared.domain.versioned import Versioned
from shared.journal.entry import Entry
from shared.pipeline.decision import decide
from shared.pipeline.outbound import published_event
from tests.unit.fold import NOW
from tests.unit.toy import Toy, founded, items, toy


def test_an_entry_and_its_events_are_the_same_before_and_after_the_store_has_kept_them() -> None:
    decider = toy()
    told = items(decider, founded("one"))
    known = {item.route.stream: Versioned[Toy]() for item in told}
    odd = NOW + timedelta(microseconds=123_456)
    (entry,) = decide("membership", decider, told, known, odd)
    kept = bson.encode(entry.document())
    read = Entry.of(bson.decode(kept, CodecOptions(tz_aware=True)))
    assert read.recorded == entry.recorded
    first, again = (published_event("membership", one, one.events[0]) for one in (entry, read))
    assert first == again
