"""Import: every row is checked by the rules as things stand, before any of them is sent.

A row that says what is known already says nothing. What is left becomes ordinary events to the
inbox. Their ids are made of what the row says and of the version of the aggregate that it was
checked against: a file that is sent twice at once has the same ids both times, and what was
refused once, since it came too early, can be said again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, TypeAlias

from pydantic import ValidationError
from pydantic_core import to_json

from shared.cloudevents import Envelope, derived_id
from shared.contracts import catalogue
from shared.contracts.reasons import explain
from shared.domain.decider import Context, Decider, Refused, S, fold
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.kafka.producer import Outgoing
from shared.pipeline import defects
from shared.pipeline.decision import check_readable
from shared.pipeline.defects import Defect
from shared.tabular.errors import BadFile, RowError
from shared.tabular.reading import Read
from shared.tabular.report import MAX_NEWS, Checked, RowNews, Verdict
from shared.tabular.rows import FindNamesakes, ImportedRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.contracts.base import Event
    from shared.tabular.rows import Row, Table

_AT_ONCE: Final = 200
"""Rows that are checked on one reading of the aggregates."""
_NOT_BEGUN: Final = "nothing is recorded of it, and the row says nothing that begins it"
_SHOWN: Final = 80
"""Characters of what is recorded that an error shows."""

Aggregates: TypeAlias = Mapping[Stream, Versioned[S]]
"""How each of some aggregates stands, by stream."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row with what it says, or its errors."""

    number: int
    row: ImportedRow | None = None
    events: Sequence[Event] = ()
    errors: Sequence[RowError] = ()


@dataclass(frozen=True, slots=True)
class Import(Generic[S]):
    """Checks the rows of one table by the rules of the service that owns it.

    Attributes:
        current: reads how aggregates stand now, by stream.
        doubles: of each of some rows about what is new, the ids of whom it may be one with.
        namesakes: for one file, finds of some rows about what is new those that are called just as
            somebody else is; an error each.
    """

    service: str
    table: Table
    decider: Decider[S]
    current: Callable[[set[Stream]], Awaitable[Aggregates[S]]]
    doubles: Callable[[Sequence[ImportedRow]], Awaitable[Sequence[tuple[str, ...]]]] | None = None
    namesakes: Callable[[], FindNamesakes] | None = None

    async def check(self, found: Iterator[Read]) -> Checked:
        """Check every row as things stand now; what its file cannot be read as is an error."""
        checked, keys = Checked(), dict[Hashable, int]()
        new: list[ImportedRow] = []
        namesakes = self.namesakes() if self.namesakes else None
        try:
            while batch := await asyncio.to_thread(_batch, found, keys):
                loaded = await self._current(batch)
                verdicts = [self._decide(one, loaded) for one in batch]
                if namesakes:
                    verdicts = await _without_namesakes(batch, verdicts, namesakes)
                for one, verdict in zip(batch, verdicts, strict=True):
                    checked.add(verdict)
                    if one.row and verdict.is_new:
                        new.append(one.row)
        except BadFile as bad:
            checked.break_off(bad.errors)
        if self.doubles and new:
            checked.name_doubles(await self.doubles(new[:MAX_NEWS]))
        return checked

    def _decide(self, one: Prepared, loaded: Aggregates[S]) -> Verdict:
        """Decide a row's events one after another; what changes nothing is not sent."""
        if one.row is None or one.errors:
            return Verdict(errors=one.errors)
        try:
            return self._decided(one.number, one.row, loaded)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's alone
            defects.note(defects.REASON, error, table=self.table.name, row=str(one.number))
            return Verdict(errors=[RowError(row=one.number, reason=defects.REASON)])

    def _decided(self, number: int, row: ImportedRow, loaded: Aggregates[S]) -> Verdict:
        aggregate = loaded[self._stream(row)]
        state = aggregate.state
        if (exported := self._exported(row, state)) and _is_recorded(row, exported):
            return Verdict()
        if state is not None and (found := row.contradiction(state)):
            column, reason = found
            return Verdict(errors=[RowError(row=number, column=column, reason=reason)])
        accepted: list[tuple[str, Event]] = []
        errors: list[RowError] = []
        for column, event in row.events(state):
            try:
                published = self._published(event, state, loaded)
            except (Refused, Defect) as refused:
                errors.append(RowError(row=number, column=column, reason=str(refused)))
                continue
            state = fold(self.decider, state, published)
            if published:
                accepted.append((column, event))
        errors = errors or self._unrecorded(number, row, state)
        if not accepted and not exported:
            errors = errors or [RowError(row=number, reason=_NOT_BEGUN)]
        if errors or not accepted:
            return Verdict(errors=errors)
        outgoing = [self._outgoing(event, aggregate.version) for _, event in accepted]
        return Verdict(outgoing, _news(number, row, [c for c, _ in accepted], aggregate.state))

    def _unrecorded(self, number: int, row: ImportedRow, state: S | None) -> list[RowError]:
        """What the record says otherwise even after all that the row says is taken."""
        exported = self._exported(row, state)
        return [
            RowError(row=number, column=column, reason=f"{_recorded(exported, column)}; {mend}")
            for column, mend in (row.differing(exported) if exported else ())
        ]

    def _exported(self, row: ImportedRow, state: S | None) -> Row | None:
        """The row as it is exported of the aggregate now."""
        found = self.table.rows(state) if state is not None else ()
        return row.found_in(one for one in found if isinstance(one, ImportedRow))

    def _published(self, event: Event, state: S | None, loaded: Aggregates[S]) -> Sequence[Event]:
        stream, looks_at = self._streams(event)
        check_readable(*(loaded[s] for s in (stream, *looks_at)))
        others = {s: other for s in looks_at if (other := loaded[s].state) is not None}
        context = Context(others, datetime.now(UTC), (self._source, ""))
        return self.decider.decide(state, event, context)

    def _outgoing(self, event: Event, version: int) -> Outgoing:
        data = event.model_dump_json(exclude_none=True).encode()
        id_ = derived_id("import", event.type, data.decode(), version)
        subject = {"subject": event.subject}
        envelope = Envelope(self._source, id_, event.type, data, subject)
        return Outgoing.forwarded(catalogue.self_topic(self.service), envelope)

    @property
    def _source(self) -> str:
        return f"{catalogue.source(self.service)}/import"

    def _streams(self, event: Event) -> tuple[Stream, tuple[Stream, ...]]:
        route = self.decider.route(event, (self._source, ""))
        return route.stream, route.looks_at

    def _stream(self, row: ImportedRow) -> Stream:
        return Stream(self.table.kind, row.aggregate)

    async def _current(self, batch: Sequence[Prepared]) -> Aggregates[S]:
        """The aggregates that rows touch."""
        touched = {self._stream(one.row) for one in batch if one.row}
        for one in batch:
            touched.update(stream for event in one.events for stream in self._streams(event)[1])
        return await self.current(touched)


async def _without_namesakes(
    batch: Sequence[Prepared], verdicts: Sequence[Verdict], find: FindNamesakes
) -> list[Verdict]:
    """The verdicts, with an error for each new row that is called just as somebody else is."""
    new = {
        one.number: one.row
        for one, verdict in zip(batch, verdicts, strict=True)
        if one.row and verdict.is_new
    }
    reasons = dict(zip(new, await find([*new.values()]), strict=True)) if new else {}
    return [
        Verdict(errors=[RowError(row=one.number, column="name", reason=reason)])
        if (reason := reasons.get(one.number))
        else verdict
        for one, verdict in zip(batch, verdicts, strict=True)
    ]


def _is_recorded(row: ImportedRow, exported: Row) -> bool:
    """Whether what the row says is just what is exported of the aggregate now."""
    return all(getattr(exported, name) == value for name, value in row.given().items())


def _recorded(exported: Row | None, column: str) -> str:
    value = getattr(exported, column, None)
    if value in (None, "", ()):
        return "nothing of this is recorded"
    recorded = to_json(value).decode().strip('"')
    return f"the record says {recorded[:_SHOWN]}{'…' if len(recorded) > _SHOWN else ''}"


def _news(number: int, row: ImportedRow, columns: Sequence[str], before: object) -> RowNews:
    return RowNews(
        row=number,
        what="new" if before is None else "changed",
        id=row.aggregate,
        name=row.named,
        columns=tuple(dict.fromkeys(columns)),
    )


def _batch(found: Iterator[Read], keys: dict[Hashable, int]) -> list[Prepared]:
    """The next rows. To read them takes a while, in which others are answered."""
    return [_prepared(one, keys) for one in islice(found, _AT_ONCE)]


def _prepared(one: Read, keys: dict[Hashable, int]) -> Prepared:
    """What a row says, as far as the row alone can tell; `keys` has those of the rows before."""
    if one.row is None:
        return Prepared(one.number, errors=one.errors)
    try:
        first = keys.setdefault(one.row.key, one.number)
        if first == one.number:
            return Prepared(one.number, one.row, [event for _, event in one.row.events()])
        again = RowError(row=one.number, reason=f"row {first} is about the same; {one.row.alike}")
        return Prepared(one.number, errors=[again])
    except ValidationError as error:
        return Prepared(one.number, errors=[RowError(row=one.number, reason=explain(error))])
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's alone
        defects.note(defects.REASON, error, row=str(one.number))
        return Prepared(one.number, errors=[RowError(row=one.number, reason=defects.REASON)])
