"""The settings of all services, loaded from an environment that a test makes."""

from __future__ import annotations

import os
from typing import Final

import pytest

from services.manifests import MANIFESTS
from services.notifications.settings import NotificationsSettings
from services.plans.settings import PlansSettings
from shared import environment
from shared.environment import PREFIX, WrongSettings

SECRET: Final = "hunter2-hunter2"


class Settings(NotificationsSettings, PlansSettings):
    """The settings of all services."""


def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    return environment.load(Settings, {f"{name.upper()}_URL" for name in MANIFESTS})


def reasons(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(WrongSettings) as raised:
        load(monkeypatch, **variables)
    return str(raised.value).splitlines()
