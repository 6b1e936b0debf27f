"""The file of a backup: a zip of collections as BSON, and what they were when they were read."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_PIECE: Final = 1024 * 1024
_RAW: Final = CodecOptions(document_class=RawBSONDocument)
_DAMAGED: Final = (
    KeyError,
    ValueError,
    EOFError,
    RuntimeError,  # a flag that says encrypted, or a method that nobody has
    OSError,  # a place before the beginning
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a zip raises where its bytes are not those that were written."""


class Broken(Exception):
    """The file is no backup, or not as it was written; the message says what."""


class Member:
    """A collection that is written: its documents, how many they are, and their digest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.count = 0

    def add(self, document: RawBSONDocument) -> None:
        """Write a document as the store has it."""
        self._digest.update(document.raw)
        self._file.write(document.raw)
        self.count += 1

    def summary(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {"count": self.count, "sha256": self._digest.hexdigest()}


class Writing:
    """A backup that is being written."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    @contextmanager
    def member(self, service: str, collection: str) -> Iterator[Member]:
        """Write a collection of a service."""
        name = _name(service, collection)
        with self._file.open(name, "w", force_zip64=True) as opened:
            yield Member(opened)

    def end(self, manifest: dict[str, Any]) -> None:
        """Say what it is; without that it is no backup."""
        self._file.writestr(MANIFEST, json.dumps({"format": FORMAT, **manifest}, indent=2))


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """Write a backup, for its owner alone; it is there when it is whole, or not at all.

    To `-`, standard output, it goes as it is made; one that was cut off has no manifest.
    """
    if str(path) == "-":
        with zipped(sys.stdout.buffer) as file:
            yield Writing(file)
        return
    # Nobody else can open it, and it is no other backup's that is made at the same time.
    opened, name = tempfile.mkstemp(".part", f"{path.name}.", path.parent)
    part = Path(name)
    try:
        with os.fdopen(opened, "w+b") as raw:
            with zipped(raw) as file:
                yield Writing(file)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def zipped(raw: IO[bytes]) -> zipfile.ZipFile:
    """A zip that is written."""
    return zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1)


class Archive:
    """A backup that is read; nothing of it is larger in memory than one document.

    Attributes:
        manifest: what it says of itself.
    """

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        try:
            self.manifest: dict[str, Any] = json.loads(file.read(MANIFEST))
        except _DAMAGED:
            raise Broken(
                "it has no manifest: it is no backup, or was not written to its end"
            ) from None
        if self.manifest.get("format") != FORMAT:
            raise Broken(
                f"its format is {self.manifest.get('format')!r}, and {FORMAT} is read here"
            )

    @property
    def services(self) -> dict[str, Any]:
        """What the manifest says of each service."""
        services: dict[str, Any] = self.manifest["services"]
        return services

    def check(self, service: str) -> None:
        """See that all of a service's collections are as they were written.

        Raises:
            Broken: one is not, or there are none.
        """
        if service not in self.services:
            raise Broken(f"it has nothing of {service}: --service names what it has")
        for collection, said in self.services[service]["collections"].items():
            digest, name = hashlib.sha256(), _name(service, collection)
            try:
                with self._file.open(name) as member:
                    while piece := member.read(_PIECE):
                        digest.update(piece)
            except _DAMAGED as error:
                raise Broken(f"{name} cannot be read: {error}") from None
            if digest.hexdigest() != said["sha256"]:
                raise Broken(f"{name} is not what was written: its SHA-256 differs")

    def documents(self, service: str, collection: str) -> Iterator[RawBSONDocument]:
        """The documents of a collection."""
        with self._file.open(_name(service, collection)) as member:
            yield from decode_file_iter(member, _RAW)


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """Read a backup.

    Raises:
        Broken: it is none.
    """
    with path.open("rb") as raw:
        try:
            file = zipfile.ZipFile(raw)
        except _DAMAGED as error:
            raise Broken(f"{path} is no backup: {error}") from None
        with file:
            yield Archive(file)


def _name(service: str, collection: str) -> str:
    return f"{service}/{collection}.bson"
