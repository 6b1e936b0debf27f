"""Several instances of one service, each started again whenever it ends, as Docker does."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx
import psutil

from tests.containers import free_port
from tests.faults.moments import SESSION, Moment
from tests.parts import Parts, eventually
from tests.system import environment

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from tests.faults.world import World

SMALL_BATCH: Final = "100"
"""Records in a batch: few, so that a load has many moments in which something can break."""


@dataclass(slots=True)
class Instance:
    """One place in which a process of the service runs."""

    number: int
    port: int
    process: Process | None = None
    keeper: asyncio.Task[None] | None = None
    leaving: bool = False

    def send(self, signal_: signal.Signals) -> None:
        """Send a signal to the process that runs now, if one does."""
        if self.process and self.process.returncode is None:
            self.process.send_signal(signal_)

    def stopped(self) -> bool:
        """Whether the process was frozen by SIGSTOP."""
        if not self.process or self.process.returncode is not None:
            return False
        return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED


@dataclass(slots=True)
class Fleet:
    """The instances of one service, kept running.

    Attributes:
        moments: what is to go wrong, in turn, one for each process that is started.
        code: the checkout that processes are started from; None is this one.
        exits: how the processes ended; a negative number is the signal.
    """

    world: World
    service: str
    parts: Parts | None = None
    settings: dict[str, str] = field(default_factory=dict)
    moments: deque[Moment] = field(default_factory=deque)
    code: Path | None = None
    exits: list[int] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many processes were killed with -9, by themselves or by us."""
        return self.exits.count(-signal.SIGKILL)

    @property
    def failures(self) -> int:
        """How many processes gave up by themselves, with a non-zero code, as designed."""
        return sum(code > 0 for code in self.exits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.scale(0)

    async def scale(self, count: int) -> None:
        """Start or end instances until there are so many."""
        while len(self.instances) < count:
            instance = Instance(len(self.instances), free_port())
            instance.keeper = asyncio.create_task(self._keep(instance))
            self.instances.append(instance)
        while len(self.instances) > count:
            await self._end(self.instances.pop())

    async def roll(self, *, ready: bool = True) -> None:
        """Restart one instance after the other, each when the one before is ready again."""
        for number in range(len(self.instances)):
            if ready:
                await self.ready()
            await self.restart(number)
        if ready:
            await self.ready()

    async def restart(self, number: int) -> None:
        """End one instance, which starts again."""
        before = len(self.exits)
        self.instances[number].send(signal.SIGTERM)
        await eventually(lambda: self._ended(before))

    async def ready(self) -> None:
        """Wait until every instance answers that it is ready."""
        await eventually(self._all_ready, 120)

    async def unwell(self) -> bool:
        """Whether not all instances are ready."""
        return not await self._all_ready()

    async def health(self, number: int = 0) -> httpx.Response:
        """What an instance says of itself."""
        return await self.ask("GET", "/readyz", number)

    async def ask(self, method: str, path: str, number: int = 0) -> httpx.Response:
        """Ask an instance over HTTP."""
        url = f"http://127.0.0.1:{self.instances[number].port}{path}"
        async with httpx.AsyncClient(headers={"Authorization": "Bearer test-token"}) as client:
            return await client.request(method, url)

    async def _ended(self, before: int) -> bool:
        return len(self.exits) > before

    async def _all_ready(self) -> bool:
        try:
            answers = [await self.health(n) for n in range(len(self.instances))]
        except httpx.HTTPError:
            return False
        return all(answer.is_success for answer in answers)

    async def _keep(self, instance: Instance) -> None:
        path = self.world.logs / f"{self.service}-{instance.number}.log"
        with path.open("ab") as log:
            while not instance.leaving:
                moment = self.moments.popleft() if self.moments else None
                instance.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "tests.faults.crashing",
                    self.service,
                    *(moment.arguments() if moment else ()),
                    env=self._environment(instance.port),
                    cwd=self.code,
                    stdout=log,
                    stderr=log,
                )
                self.exits.append(await instance.process.wait())

    def _environment(self, port: int) -> dict[str, str]:
        return {
            **environment(self.parts or self.world.parts, port),
            SESSION: str(self.world.session_ms),
            "COALITION_BATCH_SIZE": SMALL_BATCH,
            **self.settings,
        }

    async def _end(self, instance: Instance) -> None:
        instance.leaving = True
        instance.send(signal.SIGCONT)
        instance.send(signal.SIGTERM)
        if instance.keeper is None:
            return
        try:
            async with asyncio.timeout(60):
                await instance.keeper
        except TimeoutError:
            instance.send(signal.SIGKILL)
            await asyncio.wait({instance.keeper}, timeout=10)
            raise
