"""Where the system is: from the environment, else from the embedded lane's own note."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, create_model
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from services.manifests import MANIFESTS
from shared.kafka.connection import Connection
from shared.settings import DEFAULT_PREFIX

_Services: Any = create_model(
    "_Services",
    __base__=BaseSettings,
    **{m.name: (str, f"http://localhost:{m.port}") for m in MANIFESTS.values()},  # type: ignore[call-overload]  # mypy takes the names for options
)
"""Where each service answers; its field has the service's name."""


class Endpoints(_Services):
    """The addresses that the command line talks to.

    Each can be set as `COALITION_<NAME>`; the embedded lane writes them all to
    `.coalition/endpoints.json` (`COALITION_DIRECTORY` names another folder).
    """

    model_config = SettingsConfigDict(
        env_prefix="COALITION_", env_ignore_empty=True, extra="ignore"
    )

    kafka: str = "localhost:29092"
    prefix: Annotated[str, Field(description="begins the names of topics and groups")] = (
        DEFAULT_PREFIX
    )
    mail: str = "http://localhost:8025"
    token: SecretStr | None = None
    token_file: Annotated[Path | None, Field(description="a file with the token")] = None
    directory: Path = Path(".coalition")

    def url(self, service: str) -> str:
        """Where a service answers."""
        return str(getattr(self, service))

    def connection(self) -> Connection:
        """How to reach Kafka."""
        return Connection(self.kafka, "coalition-cli", self.prefix)

    def bearer(self) -> dict[str, str]:
        """The header that writes need; empty where no token is known."""
        if self.token:
            return {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        if self.token_file:
            return {"Authorization": f"Bearer {self.token_file.read_text().strip()}"}
        return {}

    @classmethod
    def settings_customise_sources(  # noqa: D102 - pydantic-settings' hook
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        folder = Path(env_settings().get("directory", ".coalition"))
        note = JsonConfigSettingsSource(settings_cls, json_file=folder / "endpoints.json")
        return init_settings, env_settings, note


def load() -> Endpoints:
    """Find out where the system is."""
    return Endpoints()
