"""Settings of a service, by environment only; secrets also from files (`NAME_FILE`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "COALITION_"
DEFAULT_PREFIX = "coalition"
"""What the names of topics and consumer groups begin with, in the contracts and by default."""


class SecretFiles(PydanticBaseSettingsSource):
    """Reads the setting NAME from the file that the variable `COALITION_NAME_FILE` names."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ANN401 - pydantic-settings' signature
        """Read one setting's file, if one is named.

        Raises:
            OSError: the file cannot be read.
        """
        del field
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Read all settings that a file is named for."""
        fields = self.settings_cls.model_fields
        found = {name: self.get_field_value(None, name)[0] for name in fields}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """What a service needs to know about where it runs.

    Attributes:
        kafka: bootstrap servers, `host:port` with commas between.
        prefix: begins the names of topics and consumer groups. Two installations on one Kafka need
            two; services, command line and publishers of one installation share it.
        mongodb: the connection URI of the service's store.
        database: the service's own database; `coalition_<service>` where not set.
        replication: the replication factor of topics that the service creates.
        batch_size: records in a batch at most.
        cache_size: aggregates kept in memory at most.
        rejected_window: how many records the circuit breaker looks back on.
        rejected_share: more than this part of them rejected, and the service stops reading until
            an operator resumes it; 1 never stops.
        http_host: the address that HTTP listens on.
        http_port: the port that HTTP listens on.
        token: the bearer token for writes; without one, writes over HTTP are refused.
        licence: the SPDX name of the licence of the data that is exported.
        sweep_seconds: how often a sweeper repeats its question.
        smtp_tls: `none`, `starttls` or `tls` (from the first byte).
        mail_from: the sender's address.
        mail_unknown: what becomes of an e-mail of which nobody knows whether it was sent
            (the connection broke after the message): `hold` never sends twice, `resend` may.
        mail_workers: e-mails on their way at once.
        silent_seconds: Kafka or the store without an answer for so long, and the process ends, to
            be started again: it then looks up anew where they are.
        stop_seconds: a process that was told to end is gone after so long, whatever hangs; less
            than the grace period of what runs it, and with a non-zero exit code if it had to
            leave something behind.
        log_format: `json` for machines, `console` for people.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True)

    kafka: str = "localhost:9092"
    prefix: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$")] = DEFAULT_PREFIX
    mongodb: SecretStr = SecretStr("mongodb://localhost:27017/?directConnection=true")
    database: str | None = None
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 1000
    cache_size: Annotated[int, Field(ge=100)] = 4_000
    rejected_window: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    rejected_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    token: SecretStr | None = None
    licence: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]{1,64}$")] = "CC-BY-4.0"
    sweep_seconds: Annotated[float, Field(gt=0)] = 30
    smtp_host: str = "localhost"
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    mail_from: str = "coalition@example.org"
    mail_unknown: Literal["hold", "resend"] = "hold"
    mail_workers: Annotated[int, Field(ge=1, le=50)] = 4
    silent_seconds: Annotated[float, Field(ge=10, le=3600)] = 300
    stop_seconds: Annotated[float, Field(ge=1, le=300)] = 30
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

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
        return init_settings, env_settings, SecretFiles(settings_cls)
