"""Import: every row is checked by the rules as things stand, before any of them is told.

A row that says what is known already says nothing. What is left becomes ordinary events to the
inbox. Their ids are made of what the row says and of the version of the aggregate that it was
checked against: a file that is sent twice at once has the same ids both times, and what was
refused once, since it came too early, can be said again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, TypeAlias

from pydantic import ValidationError

from shared.cloudevents import Envelope, derived_id, explain
from shared.contracts import catalogue
from shared.contracts.base import Model
from shared.domain.decider import Context, Decider, Refused, S, fold
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.kafka.producer import Outgoing
from shared.pipeline import defects
from shared.pipeline.decision import check_readable
from shared.pipeline.defects import Defect
from shared.tabular.reading import BadFile, Read, RowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.contracts.base import Event
    from shared.tabular.rows import ImportedRow, Row, Table

MAX_ERRORS: Final = 1000
"""Errors that a report lists; beyond, it only counts them."""
_AT_ONCE: Final = 200
"""Rows that are checked on one reading of the aggregates."""

Known: TypeAlias = Mapping[Stream, Versioned[S]]
"""How each of some aggregates stands, by stream."""
Said = Sequence[tuple[str, "Event"]]
"""Events, each with the column that it is from."""


class ImportReport(Model):
    """What became of a file.

    Attributes:
        rows: how many it has, empty ones left out.
        unchanged: rows that say nothing new.
        changed: rows that say something new.
        bad: rows with errors.
        events: how many events were sent to the inbox; none where it was only checked.
        errors: what is wrong, in the order of the rows, 1000 at most.
    """

    rows: int = 0
    unchanged: int = 0
    changed: int = 0
    bad: int = 0
    events: int = 0
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row with what it says, or its errors."""

    number: int
    row: ImportedRow | None = None
    said: Said = ()
    errors: Sequence[RowError] = ()


@dataclass(slots=True)
class Checked:
    """A file's rows so far: what is to be told, and what is wrong.

    Attributes:
        is_broken: the file cannot be read to its end.
    """

    outgoing: list[Outgoing] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    rows: int = 0
    changed: int = 0
    bad: int = 0
    is_broken: bool = False

    def add(self, told: Sequence[Outgoing], errors: Sequence[RowError]) -> None:
        """Count a row."""
        self.rows += 1
        self.changed += bool(told)
        self.bad += bool(errors)
        self.outgoing += told
        self.errors += errors[: MAX_ERRORS - len(self.errors)]

    def break_off(self, error: RowError) -> None:
        """Count the row from which on the file cannot be read; its error is told always."""
        self.is_broken = True
        self.rows += 1
        self.bad += 1
        self.errors.append(error)

    def report(self, *, sent: bool) -> ImportReport:
        """What is told of it."""
        return ImportReport(
            rows=self.rows,
            changed=self.changed,
            bad=self.bad,
            unchanged=self.rows - self.changed - self.bad,
            events=len(self.outgoing) if sent else 0,
            errors=tuple(self.errors),
        )


@dataclass(frozen=True, slots=True)
class Import(Generic[S]):
    """Checks the rows of one table by the rules of the service that owns it.

    Attributes:
        current: reads how aggregates stand now, by stream.
    """

    service: str
    table: Table
    decider: Decider[S]
    current: Callable[[set[Stream]], Awaitable[Known[S]]]

    async def check(self, found: Iterator[Read]) -> Checked:
        """Check every row as things stand now; what its file cannot be read as is an error."""
        checked, keys = Checked(), dict[Hashable, int]()
        try:
            while batch := [_prepared(one, keys) for one in islice(found, _AT_ONCE)]:
                known = await self._known(batch)
                for one in batch:
                    checked.add(*self._decide(one, known))
        except BadFile as bad:
            checked.break_off(bad.error)
        return checked

    def _decide(
        self, one: Prepared, known: Known[S]
    ) -> tuple[Sequence[Outgoing], Sequence[RowError]]:
        """Decide a row's events one after another; what changes nothing is not told."""
        if one.errors or not one.said:
            return (), one.errors
        try:
            return self._decided(one, known)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's alone
            defects.note(defects.REASON, error, table=self.table.kind, row=str(one.number))
            return (), [RowError(row=one.number, reason=defects.REASON)]

    def _decided(
        self, one: Prepared, known: Known[S]
    ) -> tuple[Sequence[Outgoing], Sequence[RowError]]:
        stream, _ = self._streams(one.said[0][1])
        held = known[stream]
        state = held.state
        if state is not None and self._is_known(one.row, state):
            return (), ()
        told: list[Outgoing] = []
        errors: list[RowError] = []
        for column, event in one.said:
            try:
                published = self._published(event, state, known)
            except (Refused, Defect) as refused:
                errors.append(RowError(row=one.number, column=column, reason=str(refused)))
                continue
            state = fold(self.decider, state, published)
            if published:
                told.append(self._outgoing(event, held.version))
        return ((), errors) if errors else (told, ())

    def _is_known(self, row: Row | None, state: S) -> bool:
        """Whether what the row says is just what is exported of the aggregate now."""
        said = row.said() if row else {}
        return any(
            all(getattr(exported, name) == value for name, value in said.items())
            for exported in self.table.rows(state)
        )

    def _published(self, event: Event, state: S | None, known: Known[S]) -> Sequence[Event]:
        stream, looks_at = self._streams(event)
        check_readable(*(known[s] for s in (stream, *looks_at)))
        others = {s: other for s in looks_at if (other := known[s].state) is not None}
        context = Context(others, datetime.now(UTC), (self._source, ""))
        return self.decider.decide(state, event, context)

    def _outgoing(self, event: Event, version: int) -> Outgoing:
        data = event.model_dump_json(exclude_none=True).encode()
        id_ = derived_id("import", event.type, data.decode(), version)
        subject = {"subject": event.subject}
        envelope = Envelope(self._source, id_, event.type, data, subject)
        return Outgoing.forwarded(catalogue.inbox(self.service), envelope)

    @property
    def _source(self) -> str:
        return f"/coalition/{self.service}/import"

    def _streams(self, event: Event) -> tuple[Stream, tuple[Stream, ...]]:
        route = self.decider.route(event, (self._source, ""))
        return route.stream, route.looks_at

    async def _known(self, batch: Sequence[Prepared]) -> Known[S]:
        """The aggregates that rows touch."""
        events = [event for one in batch for _, event in one.said]
        touched = [self._streams(event) for event in events]
        return await self.current({stream for own, others in touched for stream in (own, *others)})


def _prepared(one: Read, keys: dict[Hashable, int]) -> Prepared:
    """What a row says, as far as the row alone can tell; `keys` has those of the rows before."""
    if one.row is None:
        return Prepared(one.number, errors=one.errors)
    try:
        first = keys.setdefault(one.row.key, one.number)
        if first == one.number:
            return Prepared(one.number, one.row, list(one.row.events()))
        again = RowError(row=one.number, reason=f"row {first} is about the same")
        return Prepared(one.number, errors=[again])
    except ValidationError as error:
        return Prepared(one.number, errors=[RowError(row=one.number, reason=explain(error))])
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's alone
        defects.note(defects.REASON, error, row=str(one.number))
        return Prepared(one.number, errors=[RowError(row=one.number, reason=defects.REASON)])
