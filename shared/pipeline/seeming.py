"""Whom an event seems to be about that breaks its contract, so that people find it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from shared.contracts.base import MemberRef, Slug

if TYPE_CHECKING:
    from shared.cloudevents import Envelope

_SLUG: Final[TypeAdapter[str]] = TypeAdapter(Slug)


def seeming_subject(envelope: Envelope) -> str:
    """The id of a member, else of a coalition, else what its subject says; else nothing.

    It is an id or nothing: what else stands in an event that is none may be anything, people's
    names and addresses among it, and is kept nowhere but in the record itself.
    """
    data: Any = None
    with suppress(ValueError):
        data = from_json(envelope.data)
    given = data if isinstance(data, dict) else {}
    with suppress(ValidationError):
        return MemberRef.model_validate(given.get("member")).key
    for one in (given.get("coalition"), envelope.extensions.get("subject")):
        with suppress(ValidationError):
            return _SLUG.validate_python(one, strict=True)
    return ""
