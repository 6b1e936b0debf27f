"""A store that misbehaves as a real MongoDB does: a proxy that speaks its wire protocol.

It passes commands on, and on demand answers some of them otherwise: `writeConcernError` beside
`ok: 1` though the write was done, or was done in part and rolled back; "not primary"; no answer at
all. It can do an upsert in two steps, as some servers do, and step down as a whole. The servers
that the tests run on do none of that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from tests import two_steps
from tests.op_msg import Document, Message
from tests.two_steps import Between

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WRITES: Final = ("insert", "update", "delete", "findAndModify")
_PARTS: Final = {"insert": "documents", "update": "updates", "delete": "deletes"}
_LABELS: Final = ["RetryableWriteError"]


@dataclass(slots=True)
class Fault:
    """What is to go wrong with a kind of command.

    Attributes:
        answer: what replaces the answer, or is added to it where it says `writeConcernError`; none:
            the connection is cut in its place.
        done: whether the write is done; a number: so many of its documents or statements are.
        times: how often.
    """

    command: str
    answer: Document | None
    done: bool | int = True
    times: int = 1


def unsure(code: int = 11602, name: str = "InterruptedDueToReplStateChange") -> Document:
    """The write was done and may be lost: `writeConcernError`."""
    error = {"code": code, "codeName": name, "errmsg": "operation was interrupted"}
    return {"writeConcernError": error, "errorLabels": _LABELS}


def refused(code: int = 10107, name: str = "NotWritablePrimary") -> Document:
    """The command was not done."""
    error = {"ok": 0.0, "code": code, "codeName": name, "errmsg": "not primary"}
    return {**error, "errorLabels": _LABELS}


@dataclass(slots=True)
class Wire:
    """Passes commands on to a store; change its attributes while it runs.

    Attributes:
        port: where it listens.
        target: the store's port, on this machine.
        between: if set, upserts are done as an update and then an insert, and this is awaited
            between the two, with the document that is to be inserted.
        down: whether writes are refused, since it is no primary.
        seen: the latest commands, as they were sent.
        faults: how often something went wrong.
    """

    port: int
    target: int
    between: Between | None = None
    down: bool = False
    seen: deque[Document] = field(default_factory=lambda: deque(maxlen=10_000))
    faults: int = 0
    _planned: list[Fault] = field(default_factory=list)
    _pending: dict[tuple[int, int], Fault] = field(default_factory=dict)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def uri(self) -> str:
        """Where to connect to; polled, since nobody here pushes that it steps down."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true&serverMonitoringMode=poll"

    def plan(self, *faults: Fault) -> None:
        """Have these go wrong next, each as often as it says."""
        self._over.clear()
        self._planned += faults

    def cut(self) -> None:
        """Reset all connections."""
        for writer in self._open:
            writer.transport.abort()

    async def step_down(self, seconds: float, *, unsure_writes: int = 2) -> None:
        """Be no primary for some seconds, as a member of a replica set that another replaces.

        What is under way is answered `writeConcernError`, part of it rolled back; then connections
        break, and writes are refused.
        """
        codes = [(11602, "InterruptedDueToReplStateChange"), (189, "PrimarySteppedDown")]
        for number in range(unsure_writes):
            answer = unsure(*codes[number % 2])
            self.plan(Fault("insert", answer, done=7), Fault("update", answer, done=True))
        async with asyncio.timeout(30):
            await self._over.wait()
        self.down = True
        self.cut()
        await asyncio.sleep(seconds)
        self.down = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on, until either side ends it."""
        with suppress(OSError):
            answers, requests = await asyncio.open_connection("127.0.0.1", self.target)
            self._open |= {writer, requests}
            asking = asyncio.create_task(self._ask(reader, requests, writer))
            telling = asyncio.create_task(self._tell(answers, writer))
            await asyncio.wait({asking, telling})
            self._open -= {writer, requests}

    async def _ask(
        self, reader: asyncio.StreamReader, store: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, PyMongoError):
            while True:
                asked = await Message.read(reader)
                passed = await self._meddle(asked, id(back))
                if isinstance(passed, Message):
                    store.write(passed.raw)
                    await store.drain()
                elif passed is not None:
                    back.write(Message.of(passed, answers=asked.id).raw)
                    await back.drain()
                else:
                    break
        store.close()
        back.transport.abort()

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                told = await Message.read(reader)
                fault = self._pending.pop((id(writer), told.answers), None)
                if fault and fault.answer is None:
                    writer.transport.abort()
                    return
                if fault and fault.answer:
                    told = Message.of(
                        {**(told.document or {}), **fault.answer}, answers=told.answers
                    )
                writer.write(told.raw)
                await writer.drain()
        writer.close()

    async def _meddle(self, asked: Message, who: int) -> Message | Document | None:
        """What to pass on, or what to answer at once; neither: the connection breaks."""
        if asked.document is None:
            return asked
        self.seen.append(asked.document)
        if fault := self._next(asked.command):
            self.faults += 1
            return self._go_wrong(asked, fault, who)
        if self.between and two_steps.upserts(asked.document):
            return await self._in_two_steps(asked.document, self.between)
        return asked

    def _next(self, command: str) -> Fault | None:
        if self.down and command in WRITES:
            return Fault(command, refused(), done=False)
        for fault in self._planned:
            if fault.command == command:
                fault.times -= 1
                if not fault.times:
                    self._planned.remove(fault)
                if not self._planned:
                    self._over.set()
                return fault
        return None

    def _go_wrong(self, asked: Message, fault: Fault, who: int) -> Message | Document | None:
        if fault.done is not False:
            self._pending[who, asked.id] = fault
            return asked if fault.done is True else _part(asked, fault.done)
        if fault.answer is None:
            return None
        count = len((asked.document or {}).get(_PARTS.get(asked.command, ""), [None]))
        return {"ok": 1.0, "n": count, "nModified": count, **fault.answer}

    async def _in_two_steps(self, command: Document, between: Between) -> Document:
        uri = f"mongodb://127.0.0.1:{self.target}/?directConnection=true"
        async with AsyncMongoClient[Document](uri) as client:
            return await two_steps.do(client[command["$db"]], command, between)


def _part(asked: Message, count: int) -> Message:
    """The same command with only its first documents or statements, and no retryable write.

    A primary that takes over knows of each statement whether it was done; the server behind, not.
    """
    command = {n: value for n, value in (asked.document or {}).items() if n != "txnNumber"}
    name = _PARTS[asked.command]
    return Message.of({**command, name: command[name][:count]}, id_=asked.id)


@asynccontextmanager
async def wire(target: int) -> AsyncIterator[Wire]:
    """A double in front of the store on a port of this machine."""
    here = Wire(0, target)
    server = await asyncio.start_server(here.serve, "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        here.cut()
        await server.wait_closed()
