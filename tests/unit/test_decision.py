"""Whatever goes wrong with one record in step 4 costs that record, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from structlog.testing import capture_logs

from shared.contracts.membership import CoalitionFounded
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Outcome
from shared.pipeline.decision import decide
from shared.pipeline.headers import JUDGED_AS_HEADER, REPLAY_HEADER
from shared.pipeline.inbound import read
from shared.pipeline.outbound import rejected_record
from tests.unit.fold import NOW
from tests.unit.toy import SOURCE, Toy, add_name, decided, founded, journaled, record, say_it, toy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping, Sequence

    from shared.contracts.base import Event
    from shared.domain.decider import Context

SECRET = "what the domain knows"


Logs: TypeAlias = "list[MutableMapping[str, Any]]"


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    with capture_logs() as captured:
        yield captured


def too_deep(*_: Any) -> Any:
    return too_deep()


def invalid(*_: Any) -> Any:
    return Toy(id=None)


def late(*_: Any) -> Iterator[Any]:
    """A rule that fails only while its answer is read."""
    yield founded("good")
    raise KeyError(SECRET)


def raising(error: BaseException) -> Callable[..., Any]:
    def rule(*_: Any) -> Any:
        raise error

    return rule


UNEXPECTED = [
    pytest.param(raising(ValueError(SECRET)), id="ValueError"),
    pytest.param(raising(KeyError(SECRET)), id="KeyError"),
    pytest.param(raising(AssertionError(SECRET)), id="AssertionError"),
    pytest.param(raising(StopIteration(SECRET)), id="StopIteration"),
    pytest.param(raising(OSError(SECRET)), id="OSError"),
    pytest.param(raising(ExceptionGroup(SECRET, [ValueError()])), id="ExceptionGroup"),
    pytest.param(too_deep, id="RecursionError"),
    pytest.param(invalid, id="ValidationError"),
]


def on_bad(rule: Callable[..., Any], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """A rule that is asked only about the event whose name is `bad`."""

    def chosen(state: Toy | None, event: CoalitionFounded, *more: Any) -> Any:
        return (rule if event.name == "bad" else otherwise)(state, event, *more)

    return chosen


@pytest.mark.parametrize("rule", [*UNEXPECTED, pytest.param(late, id="while it is read")])
def test_an_unexpected_error_of_a_rule_rejects_its_record_alone(
    rule: Callable[..., Any], logs: Logs
) -> None:
    decider = toy(decide=on_bad(rule, say_it))
    events = (founded("a"), founded("bad"), founded("b"), founded("c", "other"))
    entries, known = decided(decider, *events)
    assert [(e.stream, e.version, e.outcome, e.code) for e in entries] == [
        (Stream("toys", "toy"), 1, Outcome.ACCEPTED, ""),
        (Stream("toys", "toy"), 2, Outcome.REJECTED, "defect"),
        (Stream("toys", "toy"), 3, Outcome.ACCEPTED, ""),
        (Stream("toys", "other"), 1, Outcome.ACCEPTED, ""),
    ]
    assert known[Stream("toys", "toy")].version == 3
    assert known[Stream("toys", "toy")].state == Toy(id="toy", names=("a", "b"))
    assert not entries[1].events
    assert "defect" in entries[1].reason
    assert SECRET not in entries[1].reason
    [line] = logs
    assert line["log_level"] == "error"
    assert line["origin"] == str(entries[1].origin)
    assert line["exc_info"]


@pytest.mark.parametrize("rule", UNEXPECTED)
def test_what_cannot_be_folded_is_not_accepted(rule: Callable[..., Any]) -> None:
    decider = toy(evolve=on_bad(rule, add_name))
    entries, known = decided(decider, founded("a"), founded("bad"), founded("b"))
    assert [e.code for e in entries] == ["", "defect", ""]
    assert known[Stream("toys", "toy")].state == Toy(id="toy", names=("a", "b"))
    assert journaled(decider, entries) == known[Stream("toys", "toy")].state


@pytest.mark.parametrize(
    "answer", [[None], [1], ["text"], None, 7], ids=["None", "a number", "text", "nothing", "seven"]
)
def test_an_answer_that_is_no_events_is_a_defect(answer: Any) -> None:
    entries, _ = decided(toy(decide=lambda *_: answer), founded("a"))
    assert [e.code for e in entries] == ["defect"]


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), asyncio.CancelledError()])
def test_what_concerns_the_process_is_no_defect_of_a_record(error: BaseException) -> None:
    with pytest.raises(type(error)):
        decided(toy(decide=raising(error)), founded("a"))
    with pytest.raises(type(error)):
        decided(toy(evolve=raising(error)), founded("a"))


def test_a_refusal_is_no_defect() -> None:
    entries, _ = decided(toy(decide=raising(Refused("not so"))), founded("a"))
    assert [(e.code, e.reason) for e in entries] == [("rule", "not so")]


def test_a_copy_that_breaks_its_contract_is_not_accepted_and_the_reason_names_the_field() -> None:
    def rename(_: Toy | None, event: CoalitionFounded, __: Context) -> Sequence[Event]:
        return [event.model_copy(update={"name": "x" * 301})]

    entries, known = decided(toy(decide=rename), founded("a"))
    assert [(e.outcome, e.code) for e in entries] == [(Outcome.REJECTED, "defect")]
    assert "name" in entries[0].reason
    assert "300" in entries[0].reason
    assert known[Stream("toys", "toy")] == Versioned(1)


def test_a_part_of_a_copy_that_breaks_its_contract_is_not_accepted() -> None:
    def untranslated(_: Toy | None, event: CoalitionFounded, __: Context) -> Sequence[Event]:
        return [event.model_copy(update={"names": {"no language": "x"}})]

    entries, _ = decided(toy(decide=untranslated), founded("a"))
    assert [e.code for e in entries] == ["defect"]


def test_what_is_folded_is_what_the_journal_gives_back() -> None:
    def spaced(_: Toy | None, event: CoalitionFounded, __: Context) -> Sequence[Event]:
        return [event.model_copy(update={"name": f"  {event.name} "})]

    decider = toy(decide=spaced)
    entries, known = decided(decider, founded("a"), founded("b"))
    assert journaled(decider, entries) == known[Stream("toys", "toy")].state


# --- aggregates that cannot be read ------------------------------


def test_what_is_decided_on_an_unreadable_aggregate_is_a_defect_that_names_it() -> None:
    broken = Versioned[Toy](4, unreadable="'toys/toy' cannot be read")
    entries, known = decided(
        toy(),
        founded("a"),
        founded("b", "other"),
        founded("c"),
        known={Stream("toys", "toy"): broken},
    )
    assert [(e.stream, e.version, e.code) for e in entries] == [
        (Stream("toys", "toy"), 5, "defect"),
        (Stream("toys", "other"), 1, ""),
        (Stream("toys", "toy"), 6, "defect"),
    ]
    assert "'toys/toy' cannot be read" in entries[0].reason
    assert known[Stream("toys", "toy")] == broken._replace(version=6)


def test_what_looks_at_an_unreadable_aggregate_is_a_defect_not_a_refusal() -> None:
    decider = toy(
        decide=lambda _, event, context: (
            [event] if Stream("toys", "seen") in context.others else never()
        ),
        looks_at=lambda event: (Stream("toys", "seen"),) if event.name == "looks" else (),
    )
    broken = Versioned[Toy](4, unreadable="'toys/seen' cannot be read")
    entries, _ = decided(decider, founded("looks"), known={Stream("toys", "seen"): broken})
    assert [e.code for e in entries] == ["defect"]
    assert "'toys/seen'" in entries[0].reason


def never() -> Any:
    raise Refused("it is not known")


# --- before a decision ------------------------------


@pytest.mark.parametrize("rule", UNEXPECTED)
def test_an_unexpected_error_while_a_record_is_routed_rejects_it(
    rule: Callable[..., Any], logs: Logs
) -> None:
    entries, _ = decided(toy(looks_at=rule), founded("a"), founded("b"))
    assert [(e.code, e.about and e.about.id) for e in entries] == [("defect", "0"), ("defect", "1")]
    assert not any(SECRET in e.reason for e in entries)
    assert all(line["exc_info"] for line in logs)


def test_a_rejected_defect_is_decided_anew_when_it_is_replayed() -> None:
    mended = False

    def rule(_: Toy | None, event: CoalitionFounded, __: Context) -> Sequence[Event]:
        return [event] if mended else [event.model_copy(update={"name": 7})]

    decider = toy(decide=rule)
    first, known = decided(decider, founded("a"))
    mended = True
    origin = str(first[0].origin).encode()
    itself = replace(SOURCE, topic="self", speaker="/coalition/membership")
    replayed = {REPLAY_HEADER: origin, JUDGED_AS_HEADER: SOURCE.topic.encode()}
    again = read(record(founded("a"), 0, **replayed), itself, decider, {SOURCE.topic: SOURCE})
    assert again
    second = decide("membership", decider, [again], known, NOW)
    assert [e.outcome for e in (*first, *second)] == [Outcome.REJECTED, Outcome.ACCEPTED]
    assert first[0].key != second[0].key
    assert second[0].about == first[0].key


@pytest.mark.parametrize("letter", ["x", "é", "\u8def", "\U00010348"])
def test_a_reason_is_bounded_and_no_letter_of_it_is_cut(letter: str) -> None:
    entries, _ = decided(toy(decide=raising(Refused("." + letter * 9_999))), founded("a"))
    assert len(entries[0].reason) <= 2_000
    sent = rejected_record("membership", record(founded("a")), entries[0])
    header = dict(sent.headers)["coalition-rejected-reason"]
    assert len(header) <= 2_000
    assert set(header.decode()) == {".", letter}
