"""The project's docker-compose.yml, run under a name of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from services.manifests import MANIFESTS
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REPOSITORY: Final = Path(__file__).parent.parent
_DOCKER: Final = shutil.which("docker") or "docker"
_SECONDS: Final = 600
"""A first build of the image takes minutes."""

# What each service's user may do, found out by that user.
_RIGHTS: Final = """
const { readFileSync } = require("node:fs");
const rights = {};
for (const name of SERVICES) {
  const uri = readFileSync(`/run/secrets/coalition/mongodb/${name}`, "utf8").trim();
  const db = connect(`mongodb://${name}:${uri}@127.0.0.1/coalition_${name}?authSource=admin`);
  db.entries.insertOne({ by: name });
  rights[name] = db.runCommand({ connectionStatus: 1 }).authInfo.authenticatedUserRoles;
}
for (const name of ["backup", "restore"]) {
  const secret = readFileSync(`/run/secrets/coalition/mongodb/${name}`, "utf8").trim();
  const db = connect(`mongodb://${name}:${secret}@127.0.0.1/admin`);
  const roles = db.runCommand({ connectionStatus: 1 }).authInfo.authenticatedUserRoles;
  rights[name] = roles.sort((one, other) => (one.db < other.db ? -1 : 1));
}
print(JSON.stringify(rights));
""".replace("SERVICES", json.dumps(list(MANIFESTS)))
OWN_DATABASE_ONLY: Final = {
    **{name: [{"role": "readWrite", "db": f"coalition_{name}"}] for name in MANIFESTS},
    **{
        user: [{"role": role, "db": f"coalition_{name}"} for name in sorted(MANIFESTS)]
        for user, role in (("backup", "read"), ("restore", "readWrite"))
    },
}
"""And all of them for who copies them, and for who puts them back."""


@dataclass(frozen=True, slots=True)
class Compose:
    """One project of Docker Compose.

    Attributes:
        name: of the project; its containers and volumes begin with it.
        override: a file that changes what docker-compose.yml says.
        environment: what .env would set.
    """

    name: str
    override: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def override_with(self, **services: dict[str, Any]) -> None:
        """Change services from the next command on; a later change takes the place of this one."""
        self.override.write_text(json.dumps({"services": services}))

    def __call__(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of Compose; its output is part of the failure where it has to succeed."""
        done = subprocess.run(
            self._command(*words),
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def piped(self, *words: str, given: Path | None = None, kept: Path | None = None) -> None:
        """Run a command on a file, and keep in another what it writes, bytes as they are."""
        read, written = given or Path(os.devnull), kept or Path(os.devnull)
        with read.open("rb") as stdin, written.open("wb") as stdout:
            subprocess.run(
                self._command(*words),
                env={**os.environ, **self.environment},
                stdin=stdin,
                stdout=stdout,
                check=True,
                timeout=_SECONDS,
            )

    def _command(self, *words: str) -> list[str]:
        files = ("-f", str(_REPOSITORY / "docker-compose.yml"), "-f", str(self.override))
        return [_DOCKER, "compose", "-p", self.name, *files, *words]

    def shell(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run MongoDB's shell in its container, without a connection."""
        given = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        shell = ("mongosh", "--quiet", "--norc", "--nodb")
        return self("exec", "-T", *given, "mongodb", *shell, *words, check=False)

    async def start_mongodb(self) -> None:
        """Start its container, and wait until the server listens; nothing is asked of it."""
        await self.start_until("mongodb", "</dev/tcp/127.0.0.1/27017")

    async def start_until(self, service: str, so: str) -> None:
        """Start a container, and wait until a shell within it finds something so."""
        self("up", "--detach", service)

        async def is_so() -> bool:
            asked = self("exec", "-T", service, "bash", "-c", so, check=False)
            return asked.returncode == 0

        await eventually(is_so, every=0.3)

    def coalition(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """The command line, as the operator."""
        return self("run", "--rm", "-T", "cli", *words, check=check)

    def password(self, user: str) -> str:
        """The secret of a user of Kafka."""
        file = f"/run/secrets/coalition/access/{user}"
        alone = ("run", "--rm", "-T", "--no-deps")
        return self(*alone, "--entrypoint", "cat", "access", file).stdout.strip()

    def rights(self) -> dict[str, list[dict[str, str]]]:
        """The roles of each service's user, as that user sees them after a first write."""
        asked = self.shell("--eval", _RIGHTS)
        assert asked.returncode == 0, asked.stderr
        rights: dict[str, list[dict[str, str]]] = json.loads(asked.stdout)
        return rights


@contextmanager
def compose(folder: Path, **environment: str) -> Iterator[Compose]:
    """A project without containers yet; all of it, volumes too, goes in the end."""
    name = f"coalition-test-{uuid.uuid4().hex[:8]}"
    one = Compose(name, folder / "override.json", environment)
    one.override_with()
    try:
        yield one
    finally:
        one("down", "--volumes", "--timeout", "5")
