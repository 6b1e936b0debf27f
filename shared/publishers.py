"""Publishers: who may speak as whom, from a file that an operator keeps.

A consumer cannot see who produced a record, so each publisher of the file has an inbox of its own,
which the broker lets nobody else write to. What stands there is checked against these rights, and
so is what comes over HTTP with a publisher's token.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from shared.files import read_text
from shared.nearest import meant, nearest

if TYPE_CHECKING:
    from typing import Self

    from shared.contracts.base import Event

EVERY: Final = "*"
"""In a list of coalitions: all of them. At the end of a source: whatever begins like it."""
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {".toml": tomllib.loads, ".json": json.loads}
_OWN, _RECORDS = "/coalition", "record in "
RESERVED: Final = (_OWN, f"{_OWN}/*", f"{_RECORDS}*")
"""The sources that only a service uses, for itself: its own, and the journal's keys of records."""
MAX_BYTES: Final = 1024 * 1024
_MOST: Final = 1000
"""Publishers in a file, and entries in each of a publisher's lists, at most."""


def matches(rule: str, source: str) -> bool:
    """Whether a source is the one of a rule, or begins as the rule does where that ends in `*`."""
    return source.startswith(rule[:-1]) if rule.endswith(EVERY) else source == rule


def is_reserved(source: str) -> bool:
    """Whether only a service itself speaks as this source."""
    return source == _OWN or source.startswith((f"{_OWN}/", _RECORDS))


def reserved(source: str) -> str:
    """The reason why nobody else speaks as such a source."""
    return (
        f"the source {source!r} is the service's own: sources that are or begin as one of "
        f"{', '.join(RESERVED)} are reserved; use a source of yours"
    )


def _overlap(one: str, other: str) -> bool:
    return matches(one, other.removesuffix(EVERY)) or matches(other, one.removesuffix(EVERY))


def _source(rule: str) -> str:
    if any(character.isspace() or not character.isprintable() for character in rule):
        raise ValueError("a source is a URI reference and has no blanks")
    if EVERY in rule[:-1]:
        raise ValueError("* stands only at the end of a source, for whatever begins like it")
    if rule == EVERY or any(_overlap(rule, own) for own in RESERVED):
        raise ValueError(f"{rule!r} covers sources that are reserved: {', '.join(RESERVED)}")
    return rule


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")]
SourceRule = Annotated[
    str, StringConstraints(min_length=1, max_length=512), AfterValidator(_source)
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Publisher(BaseModel):
    """Another system that sends events, and what it may say.

    Attributes:
        name: names its inbox, its user at Kafka and its token.
        sources: the CloudEvents sources that it speaks as; each as it is, or with `*` at its end.
        types: the event types that it may send, in full.
        coalitions: the ids of the coalitions that its events may be about, or `*` alone.
        quota: bytes that it may send in a second; None is no limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Name
    sources: Annotated[tuple[SourceRule, ...], Field(min_length=1, max_length=_MOST)]
    types: Annotated[tuple[Word, ...], Field(min_length=1, max_length=_MOST)]
    coalitions: Annotated[tuple[Word, ...], Field(min_length=1, max_length=_MOST)]
    quota: Annotated[int, Field(ge=1024, le=2**40)] | None = None

    @model_validator(mode="after")
    def _all_alone(self) -> Self:
        if EVERY in self.coalitions and len(self.coalitions) > 1:
            raise ValueError("coalitions: * means all of them, so it stands alone")
        return self

    def speaks_as(self, source: str) -> bool:
        """Whether a source is this publisher's."""
        return any(matches(rule, source) for rule in self.sources)

    def not_as(self, source: str) -> str:
        """The reason why it does not speak as a source."""
        return f"{self.name} does not speak as {source!r}, but as {', '.join(self.sources)}"

    def refusal(self, source: str, event: Event) -> tuple[str, str] | None:
        """Why it may not send this: a code, `source` or `forbidden`, and a reason for people.

        An event that names no coalition is about the one of its member; only the service knows
        that, and asks `wrong_coalition` of what it would publish.
        """
        if not self.speaks_as(source):
            return "source", self.not_as(source)
        if event.type not in self.types:
            own = ", ".join(self.types)
            return "forbidden", f"{self.name} may not send {event.type}, but {own}"
        named = getattr(event, "coalition", None)
        return self.wrong_coalition(named) if named else None

    def wrong_coalition(self, coalition: str | None) -> tuple[str, str] | None:
        """Why it may not send an event about a coalition, or about none: `forbidden`, a reason."""
        if self.coalitions == (EVERY,) or coalition in self.coalitions:
            return None
        about = f"about {coalition!r}" if coalition else "about no coalition"
        own = ", ".join(self.coalitions)
        return "forbidden", f"{self.name} may not send an event {about}, but about {own}"


class Publishers(BaseModel):
    """All that the file names; without a file, nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    publisher: Annotated[tuple[Publisher, ...], Field(max_length=_MOST)] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `*.toml` or `*.json`.

        Raises:
            ValueError: it cannot be read, or something is wrong in it; the message says what.
        """
        try:
            return cls.model_validate(_document(path))
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            raise ValueError("; ".join(_reason(one) for one in found[:10])) from None

    def __iter__(self) -> Iterator[Publisher]:  # type: ignore[override]  # pydantic's gives fields
        """The publishers, in the order of the file."""
        return iter(self.publisher)

    def of(self, name: str) -> Publisher | None:
        """The publisher of a name."""
        return next((one for one in self.publisher if one.name == name), None)

    def owner(self, source: str) -> Publisher | None:
        """Whose a source is; None where it is nobody's in the file."""
        exact = self._by_source.get(source)
        return exact or next((one for one in self._by_prefix if one.speaks_as(source)), None)

    @cached_property
    def _by_source(self) -> Mapping[str, Publisher]:
        return {rule: one for one in self.publisher for rule in one.sources}

    @cached_property
    def _by_prefix(self) -> Sequence[Publisher]:
        return [one for one in self.publisher if any(r.endswith(EVERY) for r in one.sources)]

    def check_types(self, types: Collection[str]) -> None:
        """See that each type of the file is one that some inbox takes.

        Raises:
            ValueError: one is not; the message names the nearest.
        """
        for one in self.publisher:
            for type_ in one.types:
                if type_ not in types:
                    near = nearest(type_, types)
                    hint = f"; the nearest is {near!r}" if near else ""
                    raise ValueError(f"{one.name}: {type_} is no type that is taken{hint}")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for one, other in combinations(self.publisher, 2):
            if one.name == other.name:
                raise ValueError(f"two publishers are called {one.name}")
            for rule in one.sources:
                for theirs in other.sources:
                    if _overlap(rule, theirs):
                        raise ValueError(
                            f"the source {rule!r} of {one.name} and {theirs!r} of {other.name} "
                            "overlap: a source belongs to one publisher"
                        )
        return self


NOBODY: Final = Publishers()
"""Where there is no file."""


def _document(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise ValueError(f"{path}: the file is neither *.toml nor *.json")
    try:
        return reader(read_text(path, MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None


def _reason(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    *place, last = [*error["loc"]] or [""]
    if error["type"] != "extra_forbidden":
        where = ".".join(map(str, error["loc"]))
        what = error["msg"].removeprefix("Value error, ")
        return f"{where}: {what}" if where else what
    fields = Publisher.model_fields if place else Publishers.model_fields
    return f"{'.'.join(map(str, error['loc']))}: no such key; {meant(str(last), [*fields])}"
