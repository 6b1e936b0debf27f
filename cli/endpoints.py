"""Where the system is: from the environment, else from the embedded lane's own note."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from services.manifests import MANIFESTS
from shared import addresses
from shared.files import read_text
from shared.kafka.connection import Connection
from shared.settings import DEFAULT_PREFIX, PublishersSettings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_MOST_BYTES: Final = 64 * 1024
_Services: Any = create_model(
    "_Services",
    __base__=PublishersSettings,
    **{f"{m.name}_url": (str, f"http://localhost:{m.port}") for m in MANIFESTS.values()},  # type: ignore[call-overload]  # mypy takes the names for options
)
"""Where each service answers; its field is the service's name with `_url`."""


class Endpoints(_Services):
    """The addresses that the command line talks to.

    Each can be set, as `COALITION_MEMBERSHIP_URL`; the embedded lane writes them all to
    `.coalition/endpoints.json` (`COALITION_DIRECTORY` names another folder).
    """

    model_config = SettingsConfigDict(
        env_prefix="COALITION_", env_ignore_empty=True, extra="ignore"
    )

    kafka: Annotated[str, AfterValidator(addresses.servers)] = "localhost:29092"
    kafka_password_file: Annotated[Path | None, Field(description="a file with the secret")] = None
    prefix: Annotated[str, Field(description="begins the names of topics and groups")] = (
        DEFAULT_PREFIX
    )
    mailpit_url: str = "http://localhost:8025"
    token: SecretStr | None = None
    token_file: Annotated[Path | None, Field(description="a file with the token")] = None
    directory: Path = Path(".coalition")
    mongodb: SecretStr | None = None
    mongodb_file: Annotated[Path | None, Field(description="a file with the URI")] = None
    database: str | None = None

    def store(self) -> str:
        """The connection URI of the stores, which only backups and their way back need.

        Raises:
            typer.Exit: there is none.
        """
        if self.mongodb:
            return self.mongodb.get_secret_value()
        if self.mongodb_file:
            return self._content("mongodb_file", self.mongodb_file)
        typer.echo("COALITION_MONGODB is not set: the connection URI of the stores", err=True)
        raise typer.Exit(2)

    def url(self, service: str) -> str:
        """Where a service answers."""
        return str(getattr(self, f"{service}_url"))

    def connection(self) -> Connection:
        """How to reach Kafka."""
        return Connection(self.kafka, "coalition-cli", self.prefix, self.security, self.partitions)

    def bearer(self) -> dict[str, str]:
        """The header that writes need; empty where no token is known."""
        if self.token:
            return {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        if self.token_file:
            return {"Authorization": f"Bearer {self._content('token_file', self.token_file)}"}
        return {}

    @staticmethod
    def _content(field: str, file: Path) -> str:
        """The one line of a file.

        Raises:
            typer.Exit: it cannot be read, or is none.
        """
        try:
            text = read_text(file, _MOST_BYTES).strip()
            if not text.isascii() or not text.isprintable() or not text:
                raise ValueError("the file holds no line of ASCII")  # noqa: TRY301 - shown likewise
        except ValueError as error:
            typer.echo(f"COALITION_{field.upper()}: {error}", err=True)
            raise typer.Exit(2) from None
        return text

    def setting_of(self, url: str) -> str:
        """Which setting names an address; empty where none does."""
        found = (name for name in MANIFESTS if url.startswith(self.url(name)))
        return next((f"COALITION_{name.upper()}_URL" for name in found), "")

    @model_validator(mode="before")
    @classmethod
    def _read_password(cls, given: dict[str, Any]) -> dict[str, Any]:
        file = given.get("kafka_password_file")
        if file and not given.get("kafka_password"):
            try:
                return {**given, "kafka_password": read_text(Path(file), _MOST_BYTES).strip()}
            except ValueError as error:
                raise ValueError(f"COALITION_KAFKA_PASSWORD_FILE: {error}") from None
        return given

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
    """Find out where the system is.

    Raises:
        typer.Exit: the environment says something that cannot be used; it is shown, a line each.
    """
    try:
        return Endpoints()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        typer.echo("\n".join(map(_reason, found)), err=True)
        raise typer.Exit(2) from None


def _reason(error: ErrorDetails) -> str:
    what = error["msg"].removeprefix("Value error, ")
    return f"COALITION_{str(error['loc'][0]).upper()}: {what}" if error["loc"] else what
