"""Every event that a service reads is decided, and every one that it publishes is folded."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from shared.contracts.membership import CitySigned, CoalitionLaunched, ConferenceAttended
from tests.unit.domains import ROOT, SERVICES, decider_of, modules, published, rows_to_add, taken_in

if TYPE_CHECKING:
    from shared.contracts.base import Event


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_has_its_row(service: str) -> None:
    decider = decider_of(service)
    missing = [
        *rows_to_add(decider, "decide", taken_in(service) - decider.decided),
        *rows_to_add(decider, "evolve", published(service) - decider.evolved),
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("service", SERVICES)
def test_no_row_waits_for_what_never_comes(service: str) -> None:
    decider = decider_of(service)
    assert decider.decided <= taken_in(service)
    assert decider.evolved <= published(service)


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_passed_over_in_silence(service: str) -> None:
    silent = [
        f"{path}:{case.pattern.lineno}: `case _` takes whatever is added one day"
        for path in modules(service)
        for match in ast.walk(ast.parse(path.read_text()))
        if isinstance(match, ast.Match)
        for case in match.cases
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
    ]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize(
    ("event", "path", "table"),
    [
        (CitySigned, "members/table.py", "MEMBERS"),
        (CoalitionLaunched, "coalitions/table.py", "COALITIONS"),
        (ConferenceAttended, "conferences/table.py", "CONFERENCES"),
    ],
)
def test_a_row_that_is_missing_is_named_with_its_file_and_line(
    event: type[Event], path: str, table: str
) -> None:
    (line,) = rows_to_add(decider_of("membership"), "decide", frozenset({event}))
    place, _, needs = line.partition(": ")
    file, _, number = place.partition(":")
    assert file == f"services/membership/domain/{path}"
    assert "rows=" in (ROOT / file).read_text().splitlines()[int(number) - 1]
    assert needs == f"{table} needs `on({event.__name__}, decide=…)`"
