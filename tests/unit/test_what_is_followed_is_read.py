"""What notifications follows of other services is among what it reads of them."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest

import services.notifications
from services.manifests import MANIFESTS
from shared.contracts.base import Event

if TYPE_CHECKING:
    from types import ModuleType

PACKAGE = services.notifications
MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(PACKAGE.__path__, f"{PACKAGE.__name__}.")
    if not found.ispkg and ".domain." not in found.name
)
READ = {type_ for source in MANIFESTS["notifications"].sources() for type_ in source.types}


def named(module: ModuleType) -> set[str]:
    """The types of other services' events that a module knows at run time."""
    values = [one for one in vars(module).values() if isinstance(one, type)]
    events = [one for one in values if issubclass(one, Event) and one is not Event]
    return {one.type for one in events if "type" in vars(one) and ".notifications." not in one.type}


def test_the_walk_finds_some() -> None:
    found = {type_ for name in MODULES for type_ in named(importlib.import_module(name))}
    assert "coalition.membership.MembersMerged.v1" in found


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_looks_for_comes(name: str) -> None:
    missing = named(importlib.import_module(name)) - READ
    assert not missing, f"{name} waits for what notifications does not read: add it to `reads`"
