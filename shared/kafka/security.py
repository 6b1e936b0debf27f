"""Kafka: how a client logs in and encrypts, from settings; in the clear only to this machine."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from faststream.security import BaseSecurity, SASLScram512
from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from shared import addresses

if TYPE_CHECKING:
    from typing import Self

MECHANISM: Final = "SCRAM-SHA-512"

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


@dataclass(frozen=True, slots=True)
class Security:
    """How to log in, and whom to trust.

    Attributes:
        tls: whether all is encrypted, and the broker shows a certificate.
        ca: a file with the certificates (PEM) that are trusted; None trusts the system's.
        certificate: a file with the client's own certificate (PEM), if it shows one.
        key: the file with its key.
        username: who logs in, by SCRAM-SHA-512; None does not.
        password: its secret, which SCRAM itself never sends.
    """

    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    username: str | None = None
    password: SecretStr = field(default=SecretStr(""))

    @property
    def protocol(self) -> Protocol:
        """What Kafka calls it."""
        if self.username:
            return "SASL_SSL" if self.tls else "SASL_PLAINTEXT"
        return "SSL" if self.tls else "PLAINTEXT"

    def faststream(self) -> BaseSecurity | None:
        """For FastStream and aiokafka; None neither logs in nor encrypts."""
        context = self._context() if self.tls else None
        if self.username:
            password = self.password.get_secret_value()
            return SASLScram512(self.username, password, ssl_context=context, use_ssl=self.tls)
        return BaseSecurity(ssl_context=context, use_ssl=True) if context else None

    def librdkafka(self) -> dict[str, Any]:
        """For clients that are made of librdkafka."""
        options: dict[str, Any] = {"security.protocol": self.protocol}
        if self.username:
            options |= {
                "sasl.mechanism": MECHANISM,
                "sasl.username": self.username,
                "sasl.password": self.password.get_secret_value(),
            }
        files = {
            "ssl.ca.location": self.ca,
            "ssl.certificate.location": self.certificate,
            "ssl.key.location": self.key,
        }
        return options | {name: str(file) for name, file in files.items() if file and self.tls}

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key)
        return context


def _readable(file: Path) -> Path:
    try:
        with file.open("rb"):
            return file
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None


def _certificates(file: Path) -> Path:
    try:
        ssl.create_default_context(cafile=_readable(file))
    except ssl.SSLError:
        raise ValueError("the file holds no certificates (PEM)") from None
    return file


class KafkaSettings(BaseSettings):
    """What it takes to reach Kafka; for services and the command line alike.

    Attributes:
        kafka: bootstrap servers, `host:port` with commas between.
        kafka_ca: a file with the certificates (PEM) of whom to trust; with it, or with a user
            name, all is encrypted. Where not set, the system's certificates count.
        kafka_certificate: a file with the client's own certificate, if Kafka asks for one.
        kafka_key: the file with its key.
        kafka_username: who logs in, by SCRAM-SHA-512.
        kafka_password: its secret.
        kafka_insecure: nothing is encrypted, to other machines, too: only where the network
            itself is trusted.
    """

    kafka: Annotated[str, AfterValidator(addresses.servers)] = "localhost:9092"
    kafka_ca: Annotated[Path, AfterValidator(_certificates)] | None = None
    kafka_certificate: Annotated[Path, AfterValidator(_readable)] | None = None
    kafka_key: Annotated[Path, AfterValidator(_readable)] | None = None
    kafka_username: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    kafka_password: SecretStr | None = None
    kafka_insecure: bool = False

    @property
    def security(self) -> Security:
        """How to log in and encrypt."""
        return Security(
            tls=not self.kafka_insecure and self._is_secured,
            ca=self.kafka_ca,
            certificate=self.kafka_certificate,
            key=self.kafka_key,
            username=self.kafka_username,
            password=self.kafka_password or SecretStr(""),
        )

    @property
    def _is_secured(self) -> bool:
        return bool(self.kafka_ca or self.kafka_certificate or self.kafka_username)

    @model_validator(mode="after")
    def _secure(self) -> Self:
        for one, other in (("username", "password"), ("certificate", "key")):
            _check_both(self, f"kafka_{one}", f"kafka_{other}")
        if self.kafka_insecure and (self.kafka_ca or self.kafka_certificate):
            raise ValueError(
                "COALITION_KAFKA_INSECURE encrypts nothing, so COALITION_KAFKA_CA and "
                "COALITION_KAFKA_CERTIFICATE are of no use: set either"
            )
        if not self.kafka_insecure and not self._is_secured and (far := _far(self.kafka)):
            raise ValueError(
                f"COALITION_KAFKA: {far} is not this machine, and nothing would be encrypted: set "
                "COALITION_KAFKA_CA, COALITION_KAFKA_USERNAME and COALITION_KAFKA_PASSWORD, or "
                "COALITION_KAFKA_INSECURE=true where the network itself is trusted"
            )
        try:
            self.security.faststream()
        except OSError as error:  # an SSLError is one, too
            raise ValueError(f"COALITION_KAFKA_CERTIFICATE: no use with its key: {error}") from None
        return self


def _check_both(settings: KafkaSettings, *pair: str) -> None:
    names = [f"COALITION_{name.upper()}" for name in pair]
    missing = [not getattr(settings, name) for name in pair]
    if missing[0] != missing[1]:
        first, second = names if missing[0] else reversed(names)
        raise ValueError(f"{first} is not set, but {second} is")


def _far(servers: str) -> str:
    """The first server that is not this machine; empty where there is none."""
    hosts = {one: one.rpartition(":")[0].strip("[]").lower() for one in servers.split(",")}
    return next((one for one, host in hosts.items() if not addresses.is_loopback(host)), "")
