"""What a person is shown of a file that was imported, or only checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from shared.contracts.base import Model
from shared.tabular.errors import RowError

if TYPE_CHECKING:
    from shared.kafka.producer import Outgoing

MAX_ERRORS: Final = 1000
"""Errors that a report lists; beyond, it only counts them."""
MAX_NEWS: Final = 1000
"""New and changed rows that a report lists."""


class RowNews(Model):
    """What a row adds to the record.

    Attributes:
        what: whether nothing was recorded of it before.
        name: what it is called in the sheet.
        columns: those that say something new.
        like: who is recorded, or stands in the same file, under a name so like it that the two may
            be one.
    """

    row: int
    what: Literal["new", "changed"]
    id: str
    name: str
    columns: tuple[str, ...] = ()
    like: tuple[str, ...] = ()


class ImportReport(Model):
    """What became of a file.

    Attributes:
        rows: how many it has, empty ones left out.
        unchanged: rows of which the record says the same.
        new: rows about what was not recorded before.
        changed: rows that change what is recorded.
        bad: rows with errors.
        events: how many events were sent to the inbox; none where it was only checked.
        errors: what is wrong, in the order of the rows, 1000 at most.
        news: what is new and changed, in the order of the rows, 1000 at most.
    """

    rows: int = 0
    unchanged: int = 0
    new: int = 0
    changed: int = 0
    bad: int = 0
    events: int = 0
    errors: tuple[RowError, ...] = ()
    news: tuple[RowNews, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one row comes to: events with its news, or errors, or nothing new."""

    outgoing: Sequence[Outgoing] = ()
    news: RowNews | None = None
    errors: Sequence[RowError] = ()

    @property
    def is_new(self) -> bool:
        """Whether the row is about what was not recorded before."""
        return self.news is not None and self.news.what == "new"


@dataclass(slots=True)
class Checked:
    """A file's rows so far: what is to be sent, and what is wrong.

    Attributes:
        is_broken: the file cannot be read to its end.
    """

    outgoing: list[Outgoing] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    news: list[RowNews] = field(default_factory=list)
    rows: int = 0
    new: int = 0
    changed: int = 0
    bad: int = 0
    is_broken: bool = False

    def add(self, verdict: Verdict) -> None:
        """Count a row."""
        self.rows += 1
        self.bad += bool(verdict.errors)
        self.outgoing += verdict.outgoing
        self.errors += verdict.errors[: MAX_ERRORS - len(self.errors)]
        if verdict.news:
            self.new += verdict.news.what == "new"
            self.changed += verdict.news.what == "changed"
            if len(self.news) < MAX_NEWS:
                self.news.append(verdict.news)

    def name_doubles(self, doubles: Sequence[tuple[str, ...]]) -> None:
        """Say of each new row, in their order, with whom it may be one."""
        found = iter(doubles)
        self.news = [
            one.model_copy(update={"like": next(found, ())}) if one.what == "new" else one
            for one in self.news
        ]

    def break_off(self, errors: Sequence[RowError]) -> None:
        """Count the row from which on the file is unreadable; its errors are always reported."""
        self.is_broken = True
        self.rows += 1
        self.bad += 1
        self.errors += errors

    def report(self, *, sent: bool) -> ImportReport:
        """The report."""
        return ImportReport(
            rows=self.rows,
            new=self.new,
            changed=self.changed,
            bad=self.bad,
            unchanged=self.rows - self.new - self.changed - self.bad,
            events=len(self.outgoing) if sent else 0,
            errors=tuple(self.errors),
            news=tuple(self.news),
        )
