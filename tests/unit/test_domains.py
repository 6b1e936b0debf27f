"""What holds of every domain: no event without a row, and no rule in the replay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from services.plans import domain as plans
from shared.contracts.base import Model
from shared.contracts.plans import CommitmentUpdated, ReportSubmitted
from shared.domain.decider import Aggregate, Context, Decider, Refused, fold
from shared.domain.state import State
from tests.unit.domains import DOMAINS, Domain, missing, models, refusing, refusing_all
from tests.unit.fold import NOW
from tests.unit.histories import golden, histories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event

every_domain = pytest.mark.parametrize("of", DOMAINS, ids=lambda of: str(of.name))


def without(decider: Decider[Any], event: type[Event]) -> Decider[Any]:
    """The same tables without the rows of a type."""
    aggregates: list[Aggregate[Any]] = [
        replace(a, rows=tuple(row for row in a.rows if row.event is not event))
        for a in decider.aggregates.values()
    ]
    return Decider(*aggregates)


@every_domain
def test_every_event_that_is_taken_or_published_has_a_row(of: Domain) -> None:
    rows = missing(of)
    assert not rows, "\n".join(rows)


@pytest.mark.parametrize(
    ("event", "file"), [(CommitmentUpdated, "commitments"), (ReportSubmitted, "reports")]
)
def test_what_is_missing_is_named_with_the_file_and_line_to_add_it_at(
    event: type[Event], file: str
) -> None:
    of = next(one for one in DOMAINS if one.name == "plans")
    for said, what in zip(
        missing(of, without(of.decider, event)), ("decide", "evolve"), strict=True
    ):
        place, _, rest = said.partition(": ")
        path, _, line = place.partition(":")
        assert path == f"services/plans/domain/{file}/table.py"
        assert "rows=(" in Path(path).read_text().splitlines()[int(line) - 1]
        assert rest == f"add on({event.__name__}, {what}=...)"


@every_domain
def test_what_folds_history_can_refuse_nothing(of: Domain) -> None:
    rows = [row for a in of.decider.aggregates.values() for row in a.rows if row.evolve]
    assert {row.event.__name__: refused for row in rows if (refused := refusing(row.evolve))} == {}


def test_a_rule_is_found_wherever_the_replay_would_reach_it() -> None:
    assert refusing(plans.DECIDER.aggregates["plans"].rows[0].decide)


@every_domain
def test_history_is_folded_alike_with_every_rule_replaced_by_a_refusal(of: Domain) -> None:
    strict, history = refusing_all(of.decider), histories()[of.name]
    assert history.published
    for stream, events in history.published.items():
        assert fold(strict, None, events) == history.folded.states.get(stream)
    event = golden(next(iter(of.taken)))
    with pytest.raises(Refused):
        strict.decide(None, event, Context({}, NOW, ("urn:test", "1")))


@every_domain
def test_every_example_is_folded_into_nothing_and_into_every_state_there_is(of: Domain) -> None:
    strict = refusing_all(of.decider)
    for aggregate in of.decider.aggregates.values():
        events = [golden(row.event) for row in aggregate.rows if row.evolve]
        there = [s for s in _states(of, events) if isinstance(s, aggregate.state)]
        for event in events:
            for state in (None, *there):
                assert strict.evolve(state, event) == of.decider.evolve(state, event)


@every_domain
def test_what_is_kept_is_never_too_strict_for_history(of: Domain) -> None:
    kept = [
        model
        for model in models(Model)
        if model.__module__.startswith(f"services.{of.name}.domain")
    ]
    assert kept
    assert [model for model in kept if not issubclass(model, State)] == []


def _states(of: Domain, events: Sequence[Event]) -> list[Any]:
    """The states of the demo's history, and what the examples make of nothing."""
    states = [*histories()[of.name].folded.states.values()]
    return [*states, *(of.decider.evolve(None, event) for event in events)]
