"""A release of the chart in a namespace of its own, on whatever cluster KUBECONFIG names."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.containers import free_port
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHART: Final = Path(__file__).parents[2] / "deploy" / "chart"
RELEASE: Final = "coalition"
SERVICES: Final = ("membership", "plans", "notifications")
_RESTRICTED: Final = "pod-security.kubernetes.io/enforce=restricted"


class Failed(AssertionError):
    """A program ended with an error; the message is what it wrote."""


async def run(program: str, *arguments: str, stdin: str = "") -> str:
    """Run a program and return what it wrote."""
    process = await asyncio.create_subprocess_exec(
        shutil.which(program) or program,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate(stdin.encode())
    if process.returncode:
        raise Failed(f"{program} {' '.join(arguments)}: {error.decode()[-3000:]}{out.decode()}")
    return out.decode()


@dataclass(slots=True)
class Cluster:
    """One namespace.

    Attributes:
        image: the image of ours, which the cluster has or can pull.
        values: what was set at the last `install`.
    """

    namespace: str
    image: str
    values: dict[str, str] = field(default_factory=dict)

    async def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl in the namespace."""
        return await run("kubectl", "--namespace", self.namespace, *arguments, stdin=stdin)

    async def helm(self, *arguments: str) -> str:
        """Run helm in the namespace."""
        return await run("helm", "--namespace", self.namespace, *arguments)

    async def install(self, **values: str) -> None:
        """Install or upgrade the trial, and wait until all of it is ready; values stay set.

        A double underscore stands for the dot between a value's names.
        """
        repository, _, tag = self.image.rpartition(":")
        self.values |= {"image.repository": repository, "image.tag": tag, "trial.enabled": "true"}
        self.values |= {name.replace("__", "."): value for name, value in values.items()}
        options = [f"--set={name}={value}" for name, value in self.values.items()]
        await self.helm(
            "upgrade", RELEASE, str(CHART), "--install", "--wait", "--timeout=10m", *options
        )

    async def get(self, *what: str) -> dict[str, Any]:
        """Objects, as the API has them."""
        found: dict[str, Any] = json.loads(await self.kubectl("get", *what, "--output=json"))
        return found

    async def pods(self, *components: str) -> list[dict[str, Any]]:
        """The pods of these components that are not leaving."""
        labels = (
            f"app.kubernetes.io/instance={RELEASE},"
            f"app.kubernetes.io/component in ({','.join(components)})"
        )
        items = (await self.get("pods", f"--selector={labels}"))["items"]
        return [item for item in items if "deletionTimestamp" not in item["metadata"]]

    async def ready(self, service: str) -> int:
        """How many pods of a service are ready."""
        pods = await self.pods(service)
        conditions = [c for pod in pods for c in pod["status"].get("conditions", ())]
        return sum(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    async def becomes(self, service: str, replicas: int, seconds: float) -> None:
        """Wait until a service has so many pods, all of them ready."""

        async def so() -> bool:
            there = len(await self.pods(service))
            return there == replicas == await self.ready(service)

        await eventually(so, seconds, every=1)

    async def operator(self, *command: str) -> str:
        """Run a command in the operator's pod."""
        return await self.kubectl("exec", f"deployment/{RELEASE}-operator", "--", *command)

    async def secret(self, name: str, key: str) -> str:
        """A value of a Secret of the release."""
        found = await self.get("secret", f"{RELEASE}-{name}")
        return base64.b64decode(found["data"][key]).decode()

    @asynccontextmanager
    async def forward(self, service: str, port: int, here: int = 0) -> AsyncIterator[int]:
        """Lead a port of this machine to a Service, and again whenever the way breaks off."""
        here = here or free_port()
        keeper = asyncio.create_task(self._forwarding(service, port, here))
        try:
            await eventually(lambda: _answers(here), 60)
            yield here
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})

    async def _forwarding(self, service: str, port: int, here: int) -> None:
        while True:
            process = await asyncio.create_subprocess_exec(
                "kubectl",
                f"--namespace={self.namespace}",
                "port-forward",
                f"service/{RELEASE}-{service}",
                f"{here}:{port}",
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                await process.wait()
            finally:
                with suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def namespace(name: str, image: str) -> AsyncIterator[Cluster]:
    """A new namespace that takes only pods of the restricted profile; it goes in the end."""
    await run("kubectl", "delete", "namespace", name, "--ignore-not-found", "--wait")
    await run("kubectl", "create", "namespace", name)
    try:
        await run("kubectl", "label", "namespace", name, _RESTRICTED)
        yield Cluster(name, image)
    finally:
        await run("kubectl", "delete", "namespace", name, "--wait")
