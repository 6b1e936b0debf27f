"""Whatever is added is added whole: a step of docs/extending.md that is left out is named here.

`make lint` and the other tests name the rest: what is imported and not there, a row that is
missing (`test_tables_are_exhaustive.py`), an index or a route (`test_queries_are_whole.py`), an
example and a generated document (`tests/contract/`).
"""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from services import manifests
from services.notifications.domain import NOT_NOTIFIED, NOTIFIED
from shared.contracts.base import EVENT_TYPES, Event

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
SERVICES: Final = ROOT / "services"
LINTER: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]
BORDERS: Final = {
    "Services never import each other": ("modules", "services.{}"),
    "The domain is pure": ("source_modules", "services.{}.domain"),
}


# --- an event type ------------------------------


def contracts() -> Iterator[type[Event]]:
    """Every event type that a module of the contracts declares."""
    before = set(EVENT_TYPES)
    for path in sorted((ROOT / "shared" / "contracts").rglob("*.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    late = set(EVENT_TYPES) - before
    assert not late, (
        f"nobody imports the module that declares {sorted(late)}: import it in its package's "
        "__init__.py, or list its service in services/manifests.py"
    )
    yield from (e for e in EVENT_TYPES.values() if e.__module__.startswith("shared.contracts"))


def test_every_contract_is_published_by_its_owner() -> None:
    asked = {event for one in manifests.MANIFESTS.values() for event in one.tells_itself}
    lost = [
        f"{event.__module__.replace('.', '/')}.py: {event.__name__} has the type {event.type!r}, "
        f"and no service publishes it: EVENTS of its package, and `publishes` of its manifest"
        for event in contracts()
        if event.type not in manifests.EVENTS and event not in asked
    ]
    assert not lost, "\n".join(lost)


def test_a_type_names_its_owner_and_the_event() -> None:
    wrong = [
        f"{event.__module__.replace('.', '/')}.py: the type of {event.__name__} is {event.type!r}, "
        f"not 'coalition.{name}.{event.__name__}.v1'"
        for name, manifest in manifests.MANIFESTS.items()
        for event in manifest.publishes
        if event.type != f"coalition.{name}.{event.__name__}.v1"
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("owner", ["membership", "plans"])
def test_people_are_notified_or_it_is_written_why_not(owner: str) -> None:
    """Of what is about members; a service of its own kind may have nothing to say to people."""
    path = f"services/notifications/domain/content/about_{owner}.py"
    missing = [
        f"{path}: add `{owner}.{event.__name__}: Wording(…)` to WORDINGS, or the reason why nobody "
        "is notified to WITHOUT"
        for event in manifests.MANIFESTS[owner].publishes
        if event not in NOTIFIED and event not in NOT_NOTIFIED
    ]
    both = [
        f"{path}: {e.__name__} is in WORDINGS and WITHOUT" for e in NOT_NOTIFIED.keys() & NOTIFIED
    ]
    assert not missing + both, "\n".join(missing + both)


# --- a service ------------------------------


def folders() -> list[str]:
    """The services by their folders."""
    return sorted(path.parent.name for path in SERVICES.glob("*/__init__.py"))


@pytest.mark.parametrize("name", folders())
def test_a_service_is_listed(name: str) -> None:
    assert (SERVICES / name / "manifest.py").exists(), f"services/{name}/manifest.py is missing"
    listed = manifests.MANIFESTS.get(name)
    assert listed, (
        f"services/manifests.py: add the MANIFEST of services/{name}/manifest.py, which must be "
        f"named {name!r}, to MANIFESTS"
    )
    assert listed is importlib.import_module(f"services.{name}.manifest").MANIFEST
    assert listed.package == f"services.{name}", f"services/{name}/manifest.py: wrong `package`"


@pytest.mark.parametrize("name", manifests.MANIFESTS)
def test_a_service_has_its_rooms(name: str) -> None:
    rooms = ("__init__.py", "app.py", "subscribers.py", "domain/__init__.py", "domain/decider.py")
    missing = [
        f"services/{name}/{room} is missing: see docs/extending.md"
        for room in rooms
        if not (SERVICES / name / room).exists()
    ]
    assert not missing, "\n".join(missing)


def test_each_service_has_a_port_of_its_own() -> None:
    ports: dict[int, str] = {}
    for name, manifest in manifests.MANIFESTS.items():
        other = ports.setdefault(manifest.port, name)
        assert other == name, f"services/{name}/manifest.py: {manifest.port} is the port of {other}"


@pytest.mark.parametrize("name", manifests.MANIFESTS)
@pytest.mark.parametrize("border", BORDERS)
def test_a_service_is_within_the_borders(border: str, name: str) -> None:
    (contract,) = (c for c in LINTER["contracts"] if c["name"] == border)
    field, pattern = BORDERS[border]
    module = pattern.format(name)
    assert module in contract[field], (
        f'pyproject.toml: add "{module}" to {field} of the contract "{border}"'
    )
