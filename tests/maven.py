"""A Maven repository of four small jars, for tests: it can stop in the middle, or serve rubbish."""

from __future__ import annotations

import io
import threading
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

KAFKA: Final = "org/apache/kafka/kafka_2.13/4.1.1/kafka_2.13-4.1.1"
CLIENTS: Final = "org/apache/kafka/kafka-clients/4.1.1/kafka-clients-4.1.1"
_LOGGER: Final = "org/slf4j/slf4j-simple/1.7.36/slf4j-simple-1.7.36"
_API: Final = "org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36"
JARS: Final = (KAFKA, CLIENTS, _LOGGER, _API)


def _pom(path: str, *needs: str) -> bytes:
    dependencies = "".join(
        f"<dependency>{_coordinate(need)}<scope>compile</scope></dependency>" for need in needs
    )
    return (
        f"<project><modelVersion>4.0.0</modelVersion>{_coordinate(path)}"
        f"<dependencies>{dependencies}</dependencies></project>"
    ).encode()


def _coordinate(path: str) -> str:
    *group, artifact, version, _ = path.split("/")
    return (
        f"<groupId>{'.'.join(group)}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version>"
    )


def _jar(path: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\nName: {path}\n" * 200)
    return content.getvalue()


@dataclass(slots=True)
class Repository:
    """What is served, and what was asked for.

    Attributes:
        url: where it is.
        files: by path below the URL.
        lengths: for a path, a length that is claimed instead of the true one.
        stalls: a path of which only the first half is sent until `go`.
        stalled: set once that half is sent.
        asked: how often each path was asked for.
    """

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    stalls: str | None = None
    stalled: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    asked: Counter[str] = field(default_factory=Counter)

    def restore(self) -> None:
        """Serve all as it should be."""
        self.lengths.clear()
        needs = {KAFKA: (CLIENTS,), _LOGGER: (_API,)}
        for path in JARS:
            self.files[f"{path}.pom"] = _pom(path, *needs.get(path, ()))
            self.files[f"{path}.jar"] = _jar(path)


@contextmanager
def repository() -> Iterator[Repository]:
    """Serve on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/")
            content = served.files.get(path)
            served.asked[path] += 1
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(served.lengths.get(path, len(content))))
            self.end_headers()
            half = len(content) // 2
            self.wfile.write(content[:half])
            if path == served.stalls:
                self.wfile.flush()
                served.stalled.set()
                served.go.wait(60)
            self.wfile.write(content[half:])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Repository(f"http://127.0.0.1:{server.server_port}")
        served.restore()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            served.go.set()
            server.shutdown()
            thread.join()
