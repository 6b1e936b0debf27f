"""What holds of every domain: no event without a row, and no rule in the replay."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shared.contracts.base import Model
from shared.contracts.plans import CommitmentUpdated, ReportSubmitted
from shared.domain.decider import Aggregate, Context, Decider, Refused, fold
from shared.domain.state import State
from tests.unit.domains import (
    DOMAINS,
    ROOT,
    Domain,
    folding,
    imports,
    missing,
    models,
    modules,
    refusing_all,
)
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
def test_no_row_waits_for_what_never_comes(of: Domain) -> None:
    assert of.decider.decided <= of.taken
    assert of.decider.evolved <= of.published


@every_domain
def test_no_match_passes_over_what_is_added_one_day(of: Domain) -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{case.pattern.lineno}: `case _` takes whatever comes"
        for path in modules(of.name)
        for match in ast.walk(ast.parse(path.read_text()))
        if isinstance(match, ast.Match)
        for case in match.cases
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
    ]
    assert not silent, "\n".join(silent)


@every_domain
def test_what_folds_imports_no_refusal(of: Domain) -> None:
    assert folding(of.name)
    wrong = [
        f"{path.relative_to(ROOT)} imports {name or module}: what folds cannot refuse"
        for path in sorted(folding(of.name))
        for module, name in imports(path)
        if name == "Refused" or name.startswith("refuse") or "decide" in {name, *module.split(".")}
    ]
    assert not wrong, "\n".join(wrong)


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
