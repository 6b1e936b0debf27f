"""Settings that every service has, by environment only: taken, or refused by name at the start."""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict
from pymongo.errors import PyMongoError

from shared import addresses, mongo
from shared.access.oidc import check_url
from shared.access.tokens import Tokens
from shared.environment import PREFIX, hides
from shared.kafka.security import KafkaSettings
from shared.licences import NO_LICENCE
from shared.nearest import meant
from shared.publishers import NOBODY, Publishers

DEFAULT_PREFIX: Final = "coalition"
"""What the names of topics and consumer groups begin with, in the contracts and by default."""
PARTITIONS: Final = 3
"""What a topic has where nothing else is set."""
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/=-]{8,}")

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


def _tokens(path: Path) -> Path:
    Tokens.load(path)
    return path


def _publishers(path: Path) -> Path:
    Publishers.load(path)
    return path


def _proxies(value: object) -> object:
    """Addresses and networks, with commas between."""
    if not isinstance(value, str):
        return value
    return tuple(str(ip_network(one.strip())) for one in value.split(",") if one.strip())


def _collector(url: str) -> str:
    """Where a collector takes spans; its usual path where none is said."""
    parts = urlsplit(url)
    beside = parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in {"http", "https"} or beside:
        raise ValueError("http://host:port or https://… of a collector, no password and no query")
    addresses.host(parts.hostname or "")
    if parts.port == 0:
        raise ValueError("no server has the port 0")
    return url if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/v1/traces"


def _database(name: str) -> str:
    if name.lower() in {"admin", "config", "local"}:
        raise ValueError("MongoDB keeps this database for itself")
    return name


class PublishersSettings(KafkaSettings):
    """Kafka, and who publishes there under a name of their own.

    Attributes:
        publishers_file: names the publishers who have an inbox of their own, and says what each
            may publish; see `shared.publishers`.
        partitions: what each topic is made with, and has for good: services, command line and
            publishers of one installation agree on it. So many replicas of a service read at once.
    """

    publishers_file: Annotated[Path, AfterValidator(_publishers)] | None = None
    partitions: Annotated[int, Field(ge=1, le=100)] = PARTITIONS

    @cached_property
    def publishers(self) -> Publishers:
        """What the file says, read once."""
        return Publishers.load(self.publishers_file) if self.publishers_file else NOBODY


class Settings(PublishersSettings):
    """What a service needs to know about where it runs; besides `PublishersSettings`.

    Attributes:
        prefix: begins the names of topics and consumer groups. Two installations on one Kafka need
            two; services, command line and publishers of one installation share it.
        mongodb: the connection URI of the service's store.
        database: the service's own database; `coalition_<service>` where not set.
        replication: the replication factor of topics that the service creates.
        batch_size: records in a batch at most.
        cache_mb: MB of memory that aggregates take that were read or decided lately, about; those
            that wait to be written come on top.
        rejected_window: how many records of an inbox the circuit breaker looks back on.
        rejected_share: more than this part of them rejected, and a publisher's inbox is no longer
            read until an operator resumes it; 1 never stops.
        rejected_plain: what follows for the plain inbox, which is not one publisher's.
        http_host: the address that HTTP listens on.
        http_port: the port that HTTP listens on.
        http_connections: how many may be open at once.
        http_proxies: the networks whose `X-Forwarded-For` says from which address a request comes.
        http_per_minute_per_address: requests in a minute that come from one address at most.
        http_per_minute_per_token: requests in a minute that are made with one token at most.
        token: the operator's bearer token, which may do everything. Without any token, and without
            an issuer, what needs one is refused.
        tokens_file: the file with the tokens of others; see `shared.access.tokens`.
        oidc_issuer: whose tokens are taken besides, as `iss` names it; set with `oidc_audience`.
        oidc_audience: what `aud` of such a token has to name.
        traces_endpoint: the collector that spans are sent to, as OTLP over HTTP; nowhere where not
            set, and then a trace is only carried on.
        traces_sample: of the events that come in without a trace, the share of which one begins.
        licence: the SPDX name of the licence of the data that is exported. A licence once given
            cannot be taken back, so none is given for an installation that never chose one.
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

    prefix: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$")] = DEFAULT_PREFIX
    mongodb: Annotated[SecretStr, AfterValidator(_mongodb)] = SecretStr(
        "mongodb://localhost:27017/?directConnection=true"
    )
    database: (
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,63}$"), AfterValidator(_database)] | None
    ) = None
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 1000
    cache_mb: Annotated[int, Field(ge=10, le=100_000)] = 192
    rejected_window: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    rejected_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    rejected_plain: Literal["alert", "stop"] = "alert"
    http_host: Host = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    http_connections: Annotated[int, Field(ge=10, le=100_000)] = 1000
    http_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_proxies)] = ()
    http_per_minute_per_address: Annotated[int, Field(ge=10, le=10_000_000)] = 6000
    http_per_minute_per_token: Annotated[int, Field(ge=10, le=10_000_000)] = 6000
    token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    tokens_file: Annotated[Path, AfterValidator(_tokens)] | None = None
    oidc_issuer: Annotated[str, AfterValidator(check_url)] | None = None
    oidc_audience: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    traces_endpoint: Annotated[str, Field(max_length=200), AfterValidator(_collector)] | None = None
    traces_sample: Annotated[float, Field(ge=0, le=1)] = 0.01
    licence: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]{1,64}$")] = NO_LICENCE
    silent_seconds: Annotated[Seconds, Field(ge=10, le=3600)] = 300
    stop_seconds: Annotated[Seconds, Field(ge=1, le=300)] = 30
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @model_validator(mode="after")
    def _access_is_whole(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            lacking = "AUDIENCE" if self.oidc_issuer else "ISSUER"
            raise ValueError(f"{PREFIX}OIDC_{lacking} is not set, but the other half of OIDC is")
        names = [one.name for one in self.publishers] or ["none, without COALITION_PUBLISHERS_FILE"]
        for name, token in (
            Tokens.load(self.tokens_file).publishers() if self.tokens_file else {}
        ).items():
            if self.publishers.of(name) is None:
                hint = meant(name, names)
                raise ValueError(f"{PREFIX}TOKENS_FILE: {token}: {name!r} is no publisher; {hint}")
        return self
