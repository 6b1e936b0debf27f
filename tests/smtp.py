"""A mail server in the test's own loop that answers what it is told to, at any step."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

CONNECT, MESSAGE = "CONNECT", "MESSAGE"
"""Steps beside the commands: before it greets, and after the final dot."""
CLOSE, HANG = "close", "hang"
"""Instead of an answer."""
_WELL: Final[Mapping[str, str]] = {
    CONNECT: "220 test ESMTP",
    "EHLO": "250-test\n250-STARTTLS\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 welcome",
    "DATA": "354 go on",
    MESSAGE: "250 2.0.0 taken",
    "QUIT": "221 bye",
}


class Moment(NamedTuple):
    """What a server is about to answer.

    Attributes:
        step: a command, or one of the two beside.
        times: how often that step came on all connections, from 1.
        recipient: of the e-mail, once RCPT has come.
    """

    step: str
    times: int
    recipient: str = ""


Script = Callable[[Moment], str | None]
"""What to answer; None for what a server says that is well."""


def well(_: Moment) -> None:
    """A server that takes everything."""


@dataclass(slots=True)
class ScriptedServer:
    """Takes what it is sent, unless `answer` says otherwise.

    Attributes:
        answer: what it says when.
        taken: the recipient and Message-ID of each message that was taken.
        contents: what those messages were.
        lines: all commands.
        steps: how often each step came.
        open: how many connections there are now, and `most` the most at once.
    """

    answer: Script = well
    port: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    open: int = 0
    most: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk on one connection until either side ends it."""
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        if not await self._say(reader, writer, CONNECT):
            return
        while line := await reader.readline():
            self.lines.append(line.decode().strip())
            step = line.split()[0].decode().upper()
            if step == "RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            answer = await self._say(reader, writer, step, recipient)
            if answer.startswith("354"):
                content = (await reader.readuntil(b"\r\n.\r\n")).replace(b"\n..", b"\n.")
                answer = await self._say(reader, writer, MESSAGE, recipient)
                if answer.startswith("250"):
                    self.contents.append(content.removesuffix(b".\r\n"))
                    self.taken.append((recipient, message_from_bytes(content)["Message-ID"]))
            if not answer or step == "QUIT" or answer.startswith("421"):
                return

    async def _say(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        step: str,
        recipient: str = "",
    ) -> str:
        """Answer a step; returns nothing where the connection is to be closed."""
        self.steps[step] += 1
        now = Moment(step, self.steps[step], recipient)
        answer = self.answer(now) or _WELL.get(step, "250 2.0.0 well")
        if answer in {HANG, CLOSE}:
            if answer == HANG:
                await reader.read()  # until the other side gives up
            return ""
        lines = answer.split("\n")
        for line in lines[:-1]:
            writer.write(f"{line}\r\n".encode())
        writer.write(lines[-1].encode("utf-8", "surrogateescape") + b"\r\n")
        await writer.drain()
        return answer


@asynccontextmanager
async def scripted_server(
    answer: Script = well, host: str = "127.0.0.1"
) -> AsyncIterator[ScriptedServer]:
    """A mail server that talks while the block runs."""
    here = ScriptedServer(answer)
    tasks = set[asyncio.Task[None]]()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(here.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, host, 0)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        for task in tasks:
            task.cancel()
