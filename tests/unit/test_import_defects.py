"""What goes wrong with one row of an import is that row's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from shared.contracts.membership import CoalitionFounded
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.tabular.checking import Import
from shared.tabular.reading import read
from shared.tabular.rows import ImportedRow, Table
from tests.unit.toy import Toy, founded, say_it, toy

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from shared.contracts.base import Event
    from shared.domain.decider import Decider
    from shared.tabular.report import Checked

FILE = "name\ngood\nbad\nbetter\n"


class NameRow(ImportedRow):
    name: str

    @property
    def key(self) -> Hashable:
        return self.name

    @property
    def aggregate(self) -> str:
        return self.name

    def events(self, recorded: Any = None) -> Iterator[tuple[str, Event]]:
        del recorded
        yield "name", founded(self.name, self.name)


class BrokenRow(NameRow):
    def events(self, recorded: Any = None) -> Iterator[tuple[str, Event]]:
        if self.name == "bad":
            raise KeyError("what the row knows")
        yield from super().events(recorded)


async def checked(
    decider: Decider[Toy], row: type[ImportedRow] = NameRow, **held: Versioned[Toy]
) -> Checked:
    async def current(streams: set[Stream]) -> dict[Stream, Versioned[Toy]]:
        return {s: held.get(s.id, Versioned[Toy]()) for s in streams}

    table = Table("toys", "Toys", row, lambda _: (), dict)
    return await Import("membership", table, decider, current).check(
        read(FILE.encode(), "csv", row)
    )


def raising_for_bad(otherwise: Callable[..., Any]) -> Callable[..., Any]:
    def rule(state: Toy | None, event: CoalitionFounded, *more: Any) -> Any:
        if event.name == "bad":
            raise KeyError("what the domain knows")
        return otherwise(state, event, *more)

    return rule


def only_the_second(report: Checked, reason: str) -> None:
    assert (report.rows, report.new, report.bad) == (3, 2, 1)
    [error] = report.errors
    assert error.row == 3
    assert reason in error.reason
    assert "knows" not in error.reason


async def test_an_unexpected_error_of_a_rule_or_a_row_is_a_defect_of_that_row() -> None:
    with capture_logs() as logs:
        only_the_second(await checked(toy(decide=raising_for_bad(say_it))), "a defect")
        only_the_second(await checked(toy(), BrokenRow), "a defect")
    assert [line["row"] for line in logs] == ["3", "3"]


async def test_a_row_about_an_aggregate_that_cannot_be_read_names_it() -> None:
    unreadable = Versioned[Toy](4, unreadable="'toys/bad' cannot be read")
    only_the_second(await checked(toy(), bad=unreadable), "'toys/bad' cannot be read")


async def test_what_concerns_the_process_ends_the_import() -> None:
    def rule(*_: Any) -> Any:
        raise MemoryError

    with pytest.raises(MemoryError):
        await checked(toy(decide=rule))
