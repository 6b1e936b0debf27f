"""Clients that send too much, too slowly or half, against a real server on this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest

from tests.containers import free_port
from tests.parts import eventually
from tests.serving_alone import CONNECTIONS, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CURL = shutil.which("curl")
MIB = 1024 * 1024
POST = b"POST /subscriptions HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"


class Server:
    """The server's process, and what it is asked."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process
        self.url = f"http://127.0.0.1:{port}"

    def memory(self) -> int:
        """Bytes that the process holds."""
        held: int = psutil.Process(self.process.pid).memory_info().rss
        return held

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "tests.serving_alone", str(port)]
    with subprocess.Popen(command) as process:  # noqa: ASYNC220 - it only starts it
        here = Server(port, process)

        async def answers() -> bool:
            assert process.poll() is None
            try:
                async with httpx.AsyncClient() as client:
                    return (await client.get(f"{here.url}/healthz")).is_success
            except httpx.HTTPError:
                return False

        try:
            await eventually(answers)
            yield here
        finally:
            process.terminate()
            process.wait(60)


def curl(*arguments: str, **more: Any) -> str:
    """What curl reads, and the status, as text."""
    if CURL is None:
        pytest.skip("curl is not installed")
    command = [CURL, "--silent", "--show-error", "--max-time", "50", "--write-out", "%{http_code}"]
    done: subprocess.CompletedProcess[bytes]
    done = subprocess.run([*command, *arguments], capture_output=True, check=False, **more)
    return done.stdout.decode()


@pytest.mark.parametrize("token", ["", "wrong", TOKEN])
def test_a_huge_body_in_chunks_costs_no_memory_whoever_sends_it(server: Server, token: str) -> None:
    before = server.memory()
    with subprocess.Popen(
        ["/usr/bin/head", "-c", str(300 * MIB), "/dev/zero"], stdout=subprocess.PIPE
    ) as zeros:
        answer = curl(
            *("-X", "POST", f"{server.url}/subscriptions", "-T", "-", "-H", "Expect:"),
            *("-H", "Content-Type: application/json", "-H", f"Authorization: Bearer {token}"),
            stdin=zeros.stdout,
        )
        zeros.kill()
    assert answer.endswith("413" if token == TOKEN else "401")
    assert server.memory() - before < 30 * MIB


def test_who_asks_before_sending_is_told_at_once(server: Server) -> None:
    sent = curl(
        *("-X", "POST", f"{server.url}/subscriptions", "-T", "-", "-H", "Expect: 100-continue"),
        *("--expect100-timeout", "30", "--write-out", " %{http_code} %{size_upload}"),
        input=b" " * MIB,
    )
    assert sent.endswith(" 401 0")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: h", POST + b"X: 1\r\n"],
)
def test_headers_that_do_not_come_whole_end_the_connection(server: Server, sent: bytes) -> None:
    with server.connect() as client:
        client.sendall(sent)
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"problem+json" in answer


def test_bytes_that_trickle_in_win_no_time(server: Server) -> None:
    began = time.monotonic()
    with server.connect() as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n")
        client.settimeout(0.2)
        for number in range(100):
            try:
                client.sendall(b"X-%d: y\r\n" % number)
                if client.recv(10):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - began < 15


def test_a_body_that_does_not_come_whole_ends_the_connection(server: Server) -> None:
    with server.connect() as client:
        head = POST + b"Authorization: Bearer %b\r\nContent-Length: 100\r\n\r\n" % TOKEN.encode()
        client.sendall(head + b"{")
        assert _end_of(client) == b""


def test_a_body_without_end_is_not_read_for_ever_after_its_refusal(server: Server) -> None:
    began = time.monotonic()
    with server.connect() as client:
        client.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        assert client.recv(20).startswith(b"HTTP/1.1 401 ")
        with pytest.raises(OSError, match=r"reset|Broken|aborted"):  # noqa: PT012 - it takes a while
            while time.monotonic() - began < 30:
                client.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
    assert time.monotonic() - began < 20


def test_a_connection_too_many_is_told_to_come_back(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            client = stack.enter_context(server.connect())
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: h")
        answer = curl("--include", f"{server.url}/healthz")
    assert answer.startswith("HTTP/1.1 503 ")
    assert "retry-after: 10" in answer
    assert httpx.get(f"{server.url}/healthz").is_success


def test_what_is_no_http_is_refused_as_a_problem(server: Server) -> None:
    with server.connect() as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"problem+json" in answer


def _end_of(client: socket.socket) -> bytes:
    try:
        return client.makefile("rb").read()
    except ConnectionResetError:
        return b""
