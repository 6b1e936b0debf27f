"""A Kafka that takes TLS and SCRAM only and lets nobody do what no ACL grants, and who logs in."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import SecretStr

from services.manifests import MANIFESTS
from shared.kafka.connection import Connection
from shared.kafka.rights import Rights
from shared.kafka.security import Security
from shared.publishers import Publishers
from tests.containers import free_port, kafka_container

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testcontainers.core.container import DockerContainer

ADMIN: Final = "admin"
_INNER: Final = "localhost:19092"
"""Where Kafka's own tools reach it, within its container."""
_COALITION: Final = Path(sys.executable).parent / "coalition"


@dataclass(slots=True)
class Secured:
    """The broker, its certificate authority, and the secrets of its users, a file for each.

    Attributes:
        folder: holds `ca.pem`, `passwords/` and the file of the publishers.
    """

    port: int
    folder: Path
    container: DockerContainer
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str:
        return f"localhost:{self.port}"

    @property
    def publishers(self) -> Publishers:
        return Publishers.load(self.folder / "publishers.json")

    @property
    def rights(self) -> Rights:
        return Rights(self.connection(ADMIN), tuple(MANIFESTS.values()), self.publishers)

    def publish_as(self, *publishers: dict[str, Any]) -> None:
        """Write the file of the publishers."""
        (self.folder / "publishers.json").write_text(json.dumps({"publisher": publishers}))

    def connection(self, user: str, password: str = "") -> Connection:
        """How a user reaches it."""
        secret = SecretStr(password or self.passwords[user])
        security = Security(tls=True, ca=self.folder / "ca.pem", username=user, password=secret)
        return Connection(self.bootstrap, f"test-{user}", security=security)

    def environment(self, user: str) -> dict[str, str]:
        """The settings of a service or a command that logs in as a user."""
        return {
            **os.environ,
            "COALITION_KAFKA": self.bootstrap,
            "COALITION_KAFKA_CA": str(self.folder / "ca.pem"),
            "COALITION_KAFKA_USERNAME": user,
            "COALITION_KAFKA_PASSWORD_FILE": str(self.folder / "passwords" / user),
            "COALITION_PUBLISHERS_FILE": str(self.folder / "publishers.json"),
        }

    def coalition(
        self, user: str, *arguments: str, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """The command line, as a user."""
        return subprocess.run(
            [_COALITION, *arguments],
            env={**self.environment(user), "COALITION_DIRECTORY": str(self.folder), **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def make_passwords(self, users: Sequence[str]) -> None:
        """Think of secrets, and keep each in a file."""
        for user in users:
            self.passwords.setdefault(user, secrets.token_hex(12))
            (self.folder / "passwords" / user).write_text(self.passwords[user])

    def add_user(self, user: str) -> None:
        """Give a user a secret, by Kafka's own tool and from within."""
        self.make_passwords([user])
        config = f"SCRAM-SHA-512=[iterations=4096,password={self.passwords[user]}]"
        self._configs(user, "--alter", "--add-config", config)

    def quota_of(self, user: str) -> str:
        """What Kafka's own tool says of a user's quota; empty where there is none."""
        found = self._configs(user, "--describe")
        return next((word for word in found.split() if "byte_rate" in word), "")

    def _configs(self, user: str, *words: str) -> str:
        tool = ["/opt/kafka/bin/kafka-configs.sh", "--bootstrap-server", _INNER]
        done = self.container.get_wrapped_container().exec_run(
            [*tool, "--entity-type", "users", "--entity-name", user, *words]
        )
        assert done.exit_code == 0, done.output.decode()
        return str(done.output.decode())


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """Start one, with an administrator who may do all; it grants nothing to anybody else."""
    port = free_port()
    (folder / "passwords").mkdir()
    (folder / "broker").mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "broker" / "broker.pem").write_bytes(_keystore(authority))
    container = kafka_container(port, **_settings(port)).with_volume_mapping(
        str(folder / "broker"), "/etc/kafka/secrets", "ro"
    )
    with container:
        here = Secured(port, folder, container)
        here.publish_as()
        here.add_user(ADMIN)
        yield here


def _keystore(authority: trustme.CA) -> bytes:
    """A key and its certificate as Kafka reads them: the key in PKCS #8."""
    shown = authority.issue_cert("localhost", "127.0.0.1")
    key = load_pem_private_key(shown.private_key_pem.bytes(), password=None)
    encoded = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return encoded + b"".join(blob.bytes() for blob in shown.cert_chain_pems)


def _settings(port: int) -> dict[str, str]:
    return {
        # Not SASL_SSL as a name: the image then wants its keys in a form of its own.
        "KAFKA_LISTENERS": f"SECURE://:{port},INNER://{_INNER},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"SECURE://localhost:{port},INNER://{_INNER}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": (
            "SECURE:SASL_SSL,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT"
        ),
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INNER",
        "KAFKA_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-512",
        "KAFKA_LISTENER_NAME_SECURE_SCRAM___SHA___512_SASL_JAAS_CONFIG": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "KAFKA_SSL_KEYSTORE_TYPE": "PEM",
        "KAFKA_SSL_KEYSTORE_LOCATION": "/etc/kafka/secrets/broker.pem",
        "KAFKA_AUTHORIZER_CLASS_NAME": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "KAFKA_SUPER_USERS": f"User:ANONYMOUS;User:{ADMIN}",
        "KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND": "false",
    }
