"""Rows: aggregates as lines of a table, and what each column of it means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Final, TypeAlias

from pydantic import ConfigDict, Field

from shared.contracts.base import Event, Model
from shared.domain.dates import agree
from shared.licences import NO_LICENCE, licence_page
from shared.pipeline.snapshots import Document

LICENCE: Final = "licence"
_AS_RECORDED: Final = "leave the cell empty, or say what is recorded"
READ_ONLY: Final[dict[str, Any]] = {"readOnly": True}
"""Marks a column that follows from others: it is exported, and in an import passed over, unless it
is `compared`."""


class Row(Model):
    """One line of a table; a cell that is empty is None, or an empty list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    compared: ClassVar[frozenset[str]] = frozenset()
    """Columns that follow from others, and have to be right where they are given."""

    licence: str | None = Field(
        None,
        description="The SPDX name of the licence under which the row may be used; "
        f"{NO_LICENCE} where nobody has given one.",
        json_schema_extra=READ_ONLY,
    )

    def given(self) -> dict[str, Any]:
        """What the row itself says: neither its empty cells nor what is passed over."""
        schema = schemas(type(self))
        over = {n for n, one in schema.items() if one.get("readOnly")} - self.compared
        given = self.model_fields_set - over
        return {name: value for name in given if (value := getattr(self, name)) not in (None, ())}


class ImportedRow(Row):
    """A row that can be imported: it says events."""

    dates: ClassVar[frozenset[str]] = frozenset()
    """Columns in which a less precise date says the same."""
    mended_by: ClassVar[Mapping[str, str]] = {}
    """By column, what mends a difference that no event of the row does away with."""

    @property
    def key(self) -> Hashable:
        """What a file may have only one row of.

        Raises:
            pydantic.ValidationError: the row does not say what it is about.
        """
        raise NotImplementedError

    @property
    def aggregate(self) -> str:
        """The id of the aggregate that it is about.

        Raises:
            pydantic.ValidationError: the row does not say what it is about.
        """
        raise NotImplementedError

    @property
    def named(self) -> str:
        """What a person knows it by."""
        return self.aggregate

    @property
    def alike(self) -> str:
        """What a person can do about two rows that are taken for the same."""
        return "leave one of them out"

    def events(self, recorded: Any = None) -> Iterator[tuple[str, Event]]:  # noqa: ANN401 - the table's
        """What the row says, all to one aggregate: each event with the column that it is from.

        Args:
            recorded: the state of the aggregate; None where nothing is recorded of it.

        Raises:
            pydantic.ValidationError: a cell breaks the contract of its event.
        """
        raise NotImplementedError

    def found_in(self, exported: Iterable[ImportedRow]) -> ImportedRow | None:
        """Of an aggregate's rows as they are exported, the one that is about the same."""
        return next((one for one in exported if one.key == self.key), None)

    def differing(self, exported: Row) -> Iterator[tuple[str, str]]:
        """The columns in which the record says something else, each with what mends it.

        Args:
            exported: the row of the same, as it is exported once all events of this one are taken.
        """
        for column, value in self.given().items():
            if not self.agrees(column, value, getattr(exported, column)):
                yield column, self.mended_by.get(column, _AS_RECORDED)

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """Whether the record, which has one cell, says what another says, or more."""
        if column in self.dates and there:
            return agree(given, there)
        return bool(given == there)

    def contradiction(self, recorded: Any) -> tuple[str, str] | None:  # noqa: ANN401 - the table's
        """The column by which the row is taken for something new, though it is recorded otherwise.

        Args:
            recorded: the state of the aggregate.

        Returns:
            the column, and what mends it; None where there is nothing of this kind.
        """
        del recorded
        return None


FindNamesakes: TypeAlias = Callable[[Sequence[ImportedRow]], Awaitable[Sequence[str | None]]]
"""For each of some new rows, why it cannot be taken for new: its name is somebody else's."""


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of aggregate as a table.

    Attributes:
        kind: the kind of aggregate, and the collection of its snapshots.
        title: what the table holds, in one line.
        row: the model of a row; an `ImportedRow` where rows can be imported.
        rows: the rows of an aggregate.
        where: a FastAPI dependency that reads the filters and answers a query of the snapshots.
        completed: by the snapshots, a function that fills in what follows from other aggregates.
        narrowed: by the snapshots, `where` with what of it follows from other aggregates looked up.
        doubles: finds, by the snapshots, with whom new rows may be one; see `Import`.
        namesakes: by the snapshots, what finds the namesakes of one file's new rows; see `Import`.
        path: the table's name, and its path; its kind where it is left out.
        as_of: an aggregate as it was for certain on a day; None before it was there. A table
            without it is exported as it is today.
    """

    kind: str
    title: str
    row: type[Row]
    rows: Callable[[Any], Iterable[Row]]
    where: Callable[..., Document]
    completed: Callable[[Any], Awaitable[Callable[[Document], Document]]] | None = None
    narrowed: Callable[[Any, Document], Awaitable[Document]] | None = None
    doubles: Callable[[Any, Sequence[ImportedRow]], Awaitable[Sequence[tuple[str, ...]]]] | None = (
        None
    )
    namesakes: Callable[[Any], FindNamesakes] | None = None
    path: str = ""
    as_of: Callable[[Any, str], Any] | None = None

    @property
    def name(self) -> str:
        """What it is called, and where it is."""
        return self.path or self.kind


def in_common(state: object, row: type[Row]) -> dict[str, Any]:
    """What a state and a row have in common."""
    fields = row.model_fields.keys() & type(state).model_fields.keys()  # type: ignore[attr-defined]  # any of the states
    return {name: getattr(state, name) for name in row.model_fields if name in fields}


class Constraints(Model):
    """What a value has to be."""

    required: bool = False
    enum: tuple[str | int, ...] | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None


class FieldMeaning(Model):
    """What one column means; `read_only` ones are passed over in an import."""

    name: str
    type: str
    description: str
    constraints: Constraints
    read_only: bool


class Licence(Model):
    """The licence of the data."""

    name: str
    path: str


class Dictionary(Model):
    """The data dictionary of a table, in the shape of a Frictionless Table Schema.

    It has no `licenses` where nobody has given one.
    """

    name: str
    title: str
    licenses: tuple[Licence, ...] | None = None
    fields: tuple[FieldMeaning, ...]


@lru_cache(20)
def columns(row: type[Row]) -> tuple[str, ...]:
    """The columns in their order, the licence last."""
    return (*(name for name in row.model_fields if name != LICENCE), LICENCE)


@lru_cache(20)
def schemas(row: type[Row]) -> Mapping[str, Document]:
    """The JSON Schema of each column, without its null."""
    schema = row.model_json_schema()
    bare = {n: _bare(p, schema.get("$defs", {})) for n, p in schema["properties"].items()}
    return {name: bare[name] for name in columns(row)}


def dictionary(table: Table, licence: str) -> Dictionary:
    """What the columns of a table mean, from its model."""
    page = licence_page(licence)
    required = {name for name, field in table.row.model_fields.items() if field.is_required()}
    return Dictionary(
        name=table.name,
        title=table.title,
        licenses=(Licence(name=licence, path=page),) if page else None,
        fields=tuple(_meaning(n, s, n in required) for n, s in schemas(table.row).items()),
    )


def _type(schema: Document) -> str:
    """The type of a column by Table Schema.

    A list is JSON there. Where ours has semicolons between, in CSV, it is of any type.
    """
    type_: str = schema.get("type", "any")
    is_plain = schema.get("items", {}).get("type", "object") != "object"
    return "any" if type_ == "array" and is_plain else type_


def _meaning(name: str, schema: Document, required: bool) -> FieldMeaning:  # noqa: FBT001 - a constraint
    kept = {key: schema[key] for key in Constraints.model_fields if key in schema}
    return FieldMeaning(
        name=name,
        type=_type(schema),
        description=schema.get("description", ""),
        constraints=Constraints(**{**kept, "required": required}),
        read_only=schema.get("readOnly", False),
    )


def _bare(schema: Document, named: Mapping[str, Document]) -> Document:
    """A schema with its reference followed and its null left out."""
    if "$ref" in schema:
        schema = {**named[schema["$ref"].rpartition("/")[2]], **schema}
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return {**_bare(choice, named), **schema}
    return schema
