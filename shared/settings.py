"""Settings of a service, by environment only: each is taken, or refused by name at the start."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pymongo.errors import PyMongoError

from shared import addresses, mongo
from shared.addresses import Mailbox
from shared.environment import PREFIX, hides

DEFAULT_PREFIX: Final = "coalition"
"""What the names of topics and consumer groups begin with, in the contracts and by default."""
SENDER: Final = "Coalition of Cities against Racism"
"""Whose name an e-mail bears where the setting has an address only."""
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/=-]{8,}")
_IPV6: Final = re.compile(r"^\[IPv6:", re.IGNORECASE)
_IPV4: Final = 4

Host = Annotated[str, AfterValidator(addresses.host)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _mongodb(uri: SecretStr) -> SecretStr:
    """Have PyMongo read it as it will; what it says is shown only where it hides the password."""
    value = uri.get_secret_value()
    try:
        mongo.connect(value, appname="settings")
    except (PyMongoError, ValueError, OSError) as error:
        if hides(str(error), value.rpartition("@")[0]):
            raise ValueError(str(error)) from None
        hint = "in a name or password each of :/?#[]@% is written as %3A and so on"
        raise ValueError(f"not a connection URI of MongoDB; {hint}") from None
    return uri


def _token(token: SecretStr) -> SecretStr:
    """A header can hold it (RFC 6750), and it is not guessed at once."""
    if not _BEARER.fullmatch(token.get_secret_value()):
        raise ValueError("a token has 8 characters or more of A-Z, a-z, 0-9 and -._~+/=")
    return token


def _database(name: str) -> str:
    if name.lower() in {"admin", "config", "local"}:
        raise ValueError("MongoDB keeps this database for itself")
    return name


def _client_name(text: str) -> str:
    """A name, or an address in brackets, as SMTP has it."""
    checked = addresses.host(_IPV6.sub("[", text))
    try:
        version = ip_address(checked).version
    except ValueError:
        return checked
    return f"[{checked}]" if version == _IPV4 else f"[IPv6:{checked}]"


def _mailbox(value: object) -> object:
    if not isinstance(value, str):
        return value
    sender = addresses.mailbox(value)
    return sender if sender.name else sender._replace(name=SENDER)


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
        smtp_client_name: what the mailer calls itself (EHLO); the machine's name where not set.
        mail_from: the sender, as `address` or `Name <address>`.
        mail_unknown: what becomes of an e-mail of which nobody knows whether it was sent
            (the connection broke after the message): `hold` never sends twice, `resend` may.
        mail_workers: connections to the mail server at once, each with one e-mail on its way.
        mail_per_connection: e-mails over one connection, before a new one is made.
        mail_answer_seconds: how long the server may take to answer a message.
        silent_seconds: Kafka or the store without an answer for so long, and the process ends, to
            be started again: it then looks up anew where they are.
        stop_seconds: a process that was told to end is gone after so long, whatever hangs; less
            than the grace period of what runs it, and with a non-zero exit code if it had to
            leave something behind.
        log_format: `json` for machines, `console` for people.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, str_strip_whitespace=True
    )

    kafka: Annotated[str, AfterValidator(addresses.servers)] = "localhost:9092"
    prefix: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$")] = DEFAULT_PREFIX
    mongodb: Annotated[SecretStr, AfterValidator(_mongodb)] = SecretStr(
        "mongodb://localhost:27017/?directConnection=true"
    )
    database: (
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,63}$"), AfterValidator(_database)] | None
    ) = None
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 1000
    cache_size: Annotated[int, Field(ge=100, le=10_000_000)] = 4_000
    rejected_window: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    rejected_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    http_host: Host = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    licence: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]{1,64}$")] = "CC-BY-4.0"
    sweep_seconds: Annotated[Seconds, Field(le=86_400)] = 30
    smtp_host: Host = "localhost"
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_client_name: Annotated[str, AfterValidator(_client_name)] | None = None
    mail_from: Annotated[Mailbox, NoDecode, BeforeValidator(_mailbox)] = Mailbox(
        SENDER, "coalition@example.org"
    )
    mail_unknown: Literal["hold", "resend"] = "hold"
    mail_workers: Annotated[int, Field(ge=1, le=50)] = 4
    mail_per_connection: Annotated[int, Field(ge=1, le=10_000)] = 100
    mail_answer_seconds: Annotated[Seconds, Field(ge=30, le=3600)] = 600
    silent_seconds: Annotated[Seconds, Field(ge=10, le=3600)] = 300
    stop_seconds: Annotated[Seconds, Field(ge=1, le=300)] = 30
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if (self.smtp_username is None) != (self.smtp_password is None):
            lacking = "PASSWORD" if self.smtp_username else "USERNAME"
            raise ValueError(
                f"{PREFIX}SMTP_{lacking} is not set, but the other half of the login is"
            )
        return self
