"""What has changed between a released JSON Schema and today's, and whether that breaks a promise.

Both people who publish to us and people who read from us hold the released schema of an event, and
so does our own journal. Hence one rule for all: a contract may grow, and nothing else (decision 5).
What is not known to be harmless is a break. What goes one way only, as a request or an answer over
HTTP, may grow in what the other way may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from shared.contracts import patterns

Schema = Mapping[str, Any]

_SAYS_NOTHING: Final = {
    "$defs", "$id", "$schema", "deprecated", "description", "discriminator", "examples", "title",
}  # fmt: skip
_LEAST: Final = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_MOST: Final = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_INNER: Final = {"items", "additionalProperties", "propertyNames", "contains"}
_COMPARED: Final = _SAYS_NOTHING | {"properties", "required", "enum", "const", "default"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        where: the type, and the property by its path.
        what: the difference, for people.
        breaks: whether it breaks what was promised.
    """

    where: str
    what: str
    breaks: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Way(Enum):
    """Who holds the schema: those who send by it, those who read by it, or both."""

    BOTH = auto()
    REQUEST = auto()
    ANSWER = auto()


def changes(name: str, released: Schema, present: Schema) -> list[Change]:
    """All differences that matter between two versions of the schema called `name`."""
    return list(Versions(released, present).compare(name, released, present))


class Versions:
    """The two documents, in which references are looked up.

    Args:
        released: one of them.
        present: the other.
        way: who holds what is compared.
    """

    def __init__(self, released: Schema, present: Schema, way: Way = Way.BOTH) -> None:
        self._released = released
        self._present = present
        self._way = way

    def compare(
        self, where: str, old: Schema, new: Schema, trail: tuple[Any, ...] = ()
    ) -> Iterator[Change]:
        """All differences that matter between two schemas of the documents."""
        step = (old.get("$ref"), new.get("$ref"))
        if step in trail:
            return  # a schema within itself, which is being compared already
        trail = (*trail, step) if any(step) else trail
        old, new = _resolve(old, self._released), _resolve(new, self._present)
        yield from _default(where, old, new)
        olds, news = _alternatives(old), _alternatives(new)
        for form in olds:
            yield from self._nearest(where, form, news, trail)
        is_answer = self._way is Way.ANSWER
        if len(news) > len(olds) and (is_answer or not _only_null_is_new(olds, news)):
            breaks = self._way is not Way.REQUEST
            yield Change(where, "takes another form besides", breaks=breaks)

    def _nearest(
        self, where: str, old: Schema, news: list[Schema], trail: tuple[Any, ...]
    ) -> list[Change]:
        """The differences to that form of today which comes nearest to a released one."""
        if _is_null(old):
            return [] if any(map(_is_null, news)) else [Change(where, "null is no longer taken")]
        namesakes = [new for new in news if "$ref" in old and new.get("$ref") == old["$ref"]]
        forms = namesakes or [new for new in news if not _is_null(new)] or news
        found = (list(self._one(where, old, new, trail)) for new in forms)
        return min(found, key=lambda changes: sum(change.breaks for change in changes))

    def _one(
        self, where: str, old: Schema, new: Schema, trail: tuple[Any, ...]
    ) -> Iterator[Change]:
        if "$ref" in old or "$ref" in new:
            yield from self.compare(where, old, new, trail)
            return
        yield from _choices(where, old, new)
        yield from _keywords(where, old, new)
        yield from self._properties(where, old, new, trail)
        for keyword in _INNER:
            if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
                yield from self.compare(f"{where}[]", old[keyword], new[keyword], trail)
        for pair in zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False):
            yield from self.compare(f"{where}[]", *pair, trail)

    def _properties(
        self, where: str, old: Schema, new: Schema, trail: tuple[Any, ...]
    ) -> Iterator[Change]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        for name, schema in olds.items():
            if name not in news:
                yield Change(f"{where}.{name}", "is gone")
            else:
                yield from self.compare(f"{where}.{name}", schema, news[name], trail)
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        is_answer, is_request = self._way is Way.ANSWER, self._way is Way.REQUEST
        added = news.keys() - olds.keys() - (set() if is_answer else needs)
        for name in sorted(needs - needed - added):
            yield Change(f"{where}.{name}", "is required now", breaks=not is_answer)
        for name in sorted((needed - needs) & news.keys()):
            why = (
                "is optional now"
                if is_request
                else "is no longer required, and readers count on it"
            )
            yield Change(f"{where}.{name}", why, breaks=not is_request)
        for name in sorted(added):
            yield Change(f"{where}.{name}", "is new", breaks=False)


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def _alternatives(schema: Schema) -> list[Schema]:
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            beside = {k: v for k, v in schema.items() if k not in {keyword, "default"}}
            return [{**beside, **alternative} for alternative in schema[keyword]]
    return [schema]


def _is_null(form: Schema) -> bool:
    return form.get("type") == "null"


def _only_null_is_new(olds: list[Schema], news: list[Schema]) -> bool:
    """Absent and null are the same to readers of events, and none has null; answers have it."""
    more = len(news) - len(olds)
    return more == 1 and any(map(_is_null, news)) and not any(map(_is_null, olds))


def _default(where: str, old: Schema, new: Schema) -> Iterator[Change]:
    if "default" in old and old["default"] != new.get("default", ...):
        yield Change(where, "means something else where it is left out")


def _choices(where: str, old: Schema, new: Schema) -> Iterator[Change]:
    olds, news = _enum(old), _enum(new)
    if news is not None and olds is None:
        yield Change(where, "is limited to certain values now")
    elif olds is not None and news is None:
        yield Change(where, "is no longer limited to certain values")
    elif olds is not None and news is not None:
        for value in sorted(olds - news):
            yield Change(where, f"has lost the value {value}")
        for value in sorted(news - olds):
            yield Change(where, f"has the new value {value}", breaks=False)


def _enum(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _keywords(where: str, old: Schema, new: Schema) -> Iterator[Change]:
    for keyword in sorted((old.keys() | new.keys()) - _COMPARED):
        before, now = old.get(keyword), new.get(keyword)
        if before == now:
            continue
        if keyword in _LEAST | _MOST:
            yield _bound(where, keyword, before, now)
        elif not (keyword in _INNER and isinstance(before, dict) and isinstance(now, dict)):
            yield from _other(where, keyword, before, now)


def _bound(where: str, keyword: str, before: float | None, now: float | None) -> Change:
    wider = before is not None and (now is None or (now > before) is (keyword in _MOST))
    after = "none" if now is None else now
    return Change(where, f"{keyword} was {before}, is {after}", breaks=not wider)


def _other(where: str, keyword: str, before: object, now: object) -> Iterator[Change]:
    if keyword == "prefixItems" and isinstance(before, list) and isinstance(now, list):
        if len(before) != len(now):
            yield Change(where, f"had {len(before)} items, has {len(now)}")
        return
    wider = keyword == "pattern" and patterns.WIDENED.get(str(before)) == now
    yield Change(where, f"{keyword} was {before!r}, is {now!r}", breaks=not wider)
