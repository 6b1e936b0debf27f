"""What people send with the forms of their page, read as strictly as HTTP's JSON is."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import parse_qs

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from services.notifications.domain.rules import Rule
from services.notifications.domain.unsubscribing import put_first, with_hows
from services.notifications.subscription import (
    MOST_RULES,
    NotifiedKind,
    Quiet,
    ReadersLanguage,
    Weekdays,
    Zone,
)
from shared.contracts.base import Model
from shared.contracts.notifications import How

if TYPE_CHECKING:
    from services.notifications.domain.preferences import Preference

Fields = dict[str, list[str]]
Deed = Literal["save", "pause", "resume", "stop", "renew"]
MOST_BYTES: Final = 64 * 1024
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What RFC 8058 has a mail client send."""
FOR_GOOD: Final = date.max
"""Until when who stopped all e-mails gets none."""
STOPPED: Final = {"silent_until": FOR_GOOD.isoformat()}
"""What a subscription says then."""
_MOST_PAUSE: Final = timedelta(days=366)
_MOST_FIELDS: Final = 500
_RULE: Final = "rule."
_FORM: Final = "application/x-www-form-urlencoded"
_PARTS: Final = "multipart/form-data"
_BOUNDARY: Final = re.compile(r';\s*boundary="?([^\s";]{1,70})', re.IGNORECASE)
_NAME: Final = re.compile(
    r'^content-disposition:[ \t]*form-data;[ \t]*name="?([^";\r\n]+)', re.IGNORECASE | re.MULTILINE
)


class NoForm(Exception):
    """What was sent is no form, or not one of ours."""


class _Saved(Model):
    """The form by which somebody changes what they get, and when."""

    model_config = ConfigDict(extra="forbid")

    language: ReadersLanguage
    zone: Zone
    digest_hour: Annotated[int, Field(ge=0, le=23)]
    digest_weekdays: Weekdays
    quiet_hours: Quiet | None
    hows: dict[str, How]
    drop: tuple[str, ...]
    kind: NotifiedKind | None
    how: How


_DEED: Final[TypeAdapter[Deed]] = TypeAdapter(Deed)
_TIMES: Final = ("language", "zone", "digest_hour")


def fields(content_type: str, body: bytes) -> Fields:
    """The fields of a form, in either of the encodings that browsers and mail clients use.

    Raises:
        NoForm: it is in neither.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media == _PARTS:
        return _of_parts(content_type, body)
    if media != _FORM:
        raise NoForm
    try:
        return parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise NoForm from None


def deed(sent: Fields) -> Deed:
    """What somebody wants to be done.

    Raises:
        NoForm: none of what there is.
    """
    try:
        return _DEED.validate_python(_one(sent, "do"))
    except ValidationError:
        raise NoForm from None


def version(sent: Fields) -> int:
    """Which version of the subscription somebody saw when they said so."""
    text = _one(sent, "version") or ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - no number is longer


def changed(deed_: Deed, sent: Fields, person: Preference, today: date) -> dict[str, Any]:
    """The fields of the subscription that a form changes.

    Raises:
        NoForm: it says what cannot be.
    """
    if deed_ == "save":
        return _saved(sent, person)
    if deed_ == "pause":
        return {"silent_until": _day(_one(sent, "until"), today)}
    if deed_ == "stop":
        return dict(STOPPED)
    return {"silent_until": None} if deed_ == "resume" else {}


def _saved(sent: Fields, person: Preference) -> dict[str, Any]:
    start, end = _one(sent, "quiet_start"), _one(sent, "quiet_end")
    hows = {
        name.removeprefix(_RULE): value[-1]
        for name, value in sent.items()
        if name.startswith(_RULE)
    }
    try:
        form = _Saved(
            **{name: _one(sent, name) for name in _TIMES},
            digest_weekdays=sent.get("digest_weekdays", []),
            quiet_hours={"start": start, "end": end} if start or end else None,
            hows=hows,
            drop=tuple(sent.get("drop", ())),
            kind=_one(sent, "kind") or None,
            how=_one(sent, "how"),
        )
    except ValidationError:
        raise NoForm from None
    rules = with_hows(person, form.hows, form.drop)
    if form.kind:
        rules = put_first(Rule(kinds=(form.kind,), how=form.how), rules)
    if len(rules) > MOST_RULES:
        raise NoForm
    times = form.model_dump(include={*_TIMES, "digest_weekdays", "quiet_hours"}, mode="json")
    return {**times, "rules": [rule.model_dump(mode="json") for rule in rules]}


def _day(text: str | None, today: date) -> str:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        raise NoForm from None
    if not today < day <= today + _MOST_PAUSE:
        raise NoForm
    return day.isoformat()


def _one(sent: Fields, name: str) -> str | None:
    values = sent.get(name)
    return values[-1] if values else None


def _of_parts(content_type: str, body: bytes) -> Fields:
    """The fields of a form in parts (RFC 7578), in which there are no parts again.

    Python's `email` would read parts within parts, as deep as somebody likes.
    """
    boundary = _BOUNDARY.search(content_type)
    text = body.decode(errors="replace")
    parts = re.split(rf"(?:^|\r\n)--{re.escape(boundary[1])}", text) if boundary else []
    found: Fields = {}
    for part in parts[1 : _MOST_FIELDS + 1]:
        head, _, content = part.partition("\r\n\r\n")
        if name := _NAME.search(head):
            found.setdefault(name[1], []).append(content)
    return found
