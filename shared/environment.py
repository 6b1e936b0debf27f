"""The environment as settings: read whole, and each thing that is wrong with it said by name."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import ValidationError

from shared.files import read_text
from shared.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pydantic_core import ErrorDetails
    from pydantic_settings import BaseSettings

PREFIX: Final = "COALITION_"
OTHERS: Final = frozenset(
    {
        "DIRECTORY",
        "MAILPIT_URL",
        "MAVEN",
        "REQUIRE_DOCKER",
        "VERSION",
    }
)
"""What only the command line, Compose or the tests read, and a service may find beside its own."""
_FAMILIES: Final = re.compile(r"PORT_[A-Z]+|TEST_[A-Z_]+")
"""Likewise: Compose's ports, and what tests tell a service that they start."""
_KUBERNETES: Final = re.compile(
    r"([A-Z0-9]+_)*(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)?)"
)
"""What Kubernetes sets in each pod for a Service whose name begins with `coalition`."""
_FILE: Final = "_FILE"
_MOST_BYTES: Final = 64 * 1024

S = TypeVar("S", bound="BaseSettings")


class WrongSettings(Exception):
    """The environment is not what the service can run with; one line for each reason."""

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__("\n".join(reasons))


def load(settings: type[S], beside: Collection[str] = ()) -> S:
    """Read settings from the environment, and from the files that `COALITION_<NAME>_FILE` name.

    Where both are set, the variable counts. A setting that is itself the path of a file, such as
    `COALITION_TOKENS_FILE`, is that and nothing besides. pydantic-settings reads a folder of
    secrets only, while containers are given one file for each.

    Args:
        settings: the model.
        beside: names, without prefix, that are others' settings.

    Raises:
        WrongSettings: with all that is wrong; no value is said, since it may be a secret.
    """
    given = {name.upper(): value for name, value in os.environ.items() if value}
    files, reasons = _files(settings, given)
    reasons += _unknown(settings, given, beside)
    try:
        loaded = settings(**dict[str, Any](files))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        reasons += [_reason(one, files) for one in found]
    if reasons:
        raise WrongSettings(reasons)
    return loaded


def hides(text: str, secret: str) -> bool:
    """Whether no word of a secret stands in a text."""
    return not any(
        re.search(rf"\b{re.escape(word)}\b", text) for word in re.findall(r"\w+", secret)
    )


def _files(
    settings: type[BaseSettings], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The contents of the files that are named, and what is wrong with the others."""
    contents, reasons = dict[str, str](), list[str]()
    for field in filter(_holds_a_value, settings.model_fields):
        name = PREFIX + field.upper()
        if name in given or name + _FILE not in given:
            continue
        try:
            contents[field] = _content(Path(given[name + _FILE]))
        except ValueError as error:
            reasons.append(f"{name}{_FILE}: {error}")
    return contents, reasons


def _holds_a_value(field: str) -> bool:
    """Whether it may stand in a file: a setting that names one anyway has that meaning alone."""
    return not field.upper().endswith(_FILE)


def _content(path: Path) -> str:
    text = read_text(path, _MOST_BYTES).strip()
    if not text:
        raise ValueError("the file is empty")
    return text


def _unknown(
    settings: type[BaseSettings], given: Mapping[str, str], beside: Collection[str]
) -> list[str]:
    own = {field.upper() for field in settings.model_fields} | set(beside)
    taken = own | {name + _FILE for name in own if _holds_a_value(name)} | OTHERS
    reasons = []
    for variable in sorted(name for name in given if name.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX)
        if name in taken or _FAMILIES.fullmatch(name) or _KUBERNETES.fullmatch(name):
            continue
        near = name + _FILE if name + _FILE in own else nearest(name, taken)
        hint = f"; {PREFIX}{near} is one" if near else ""
        reasons.append(f"{variable} is no setting{hint}")
    return reasons


def _reason(error: ErrorDetails, files: Mapping[str, str]) -> str:
    what = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return what
    field = str(error["loc"][0])
    return f"{PREFIX}{field.upper()}{_FILE if field in files else ''}: {what}"
