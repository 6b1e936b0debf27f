"""A mail catcher: takes every e-mail, delivers none, and shows them on a page.

`python -m embedded.mail HOST SMTP_PORT HTTP_PORT FOLDER`
"""

from __future__ import annotations

import asyncio
import html
import sys
import uuid
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from aiosmtpd.controller import Controller
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from embedded import files

if TYPE_CHECKING:
    from email.message import Message

    from aiosmtpd.smtp import SMTP, Envelope, Session

_MAX_BYTES: Final = 2 * 1024 * 1024
_SHOWN: Final = 200
_STYLE: Final = (
    "<style>body{font-family:sans-serif;max-width:60em;margin:2em auto}td,th{text-align:left;"
    "padding:.3em .8em .3em 0}iframe{width:100%;height:24em;border:1px solid #ccc}</style>"
)


class Box:
    """The messages, one file each, newest last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.part"):
            left.unlink(missing_ok=True)  # a crash interrupted it: nobody was told that it is kept

    def put(self, content: bytes) -> None:
        """Keep one message; a crash leaves a whole one or none."""
        number = len(list(self._folder.glob("*.eml")))
        files.write(self._folder / f"{number:08d}-{uuid.uuid4().hex[:8]}.eml", content)

    def names(self) -> list[str]:
        """The ids of all messages, newest first."""
        return sorted((path.stem for path in self._folder.glob("*.eml")), reverse=True)

    def get(self, name: str) -> Message:
        """One message.

        Raises:
            KeyError: there is none of this id.
        """
        if name not in self.names():
            raise KeyError(name)
        content = (self._folder / f"{name}.eml").read_bytes()
        # The newer policies raise on some headers, which would hide all the other messages.
        return BytesParser(policy=compat32).parsebytes(content)

    def clear(self) -> None:
        """Remove all messages."""
        for path in self._folder.glob("*.eml"):
            path.unlink(missing_ok=True)


class Handler:
    """What aiosmtpd calls."""

    def __init__(self, box: Box) -> None:
        self._box = box

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep what was sent."""
        del server, session
        content = envelope.content or b""
        try:
            self._box.put(content if isinstance(content, bytes) else content.encode())
        except OSError as error:
            return f"452 not kept: {error.strerror}"  # a full disk is no fault of the message
        return "250 kept"


def _summary(name: str, message: Message) -> dict[str, Any]:
    return {
        "id": name,
        "from": _header(message, "From"),
        "to": [_decoded(value) for value in message.get_all("To", [])],
        "subject": _header(message, "Subject"),
        "date": _header(message, "Date") or None,
        "message_id": _header(message, "Message-ID"),
    }


def _header(message: Message, name: str) -> str:
    return _decoded(message.get(name, ""))


def _decoded(value: object) -> str:
    """A header as text, whatever is in it; raw UTF-8 too, which compat32 wraps in a Header."""
    try:
        text = str(make_header(decode_header(value)))  # type: ignore[arg-type]  # takes a Header too
    except (HeaderParseError, LookupError, ValueError):
        text = str(value)  # not what RFC 2047 wants: better as it stands than not at all
    return " ".join(text.encode(errors="replace").decode().split())


def _part(message: Message, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and not part.get_filename():
            content = part.get_payload(decode=True)
            return _text(content if isinstance(content, bytes) else b"", part)
    return ""


def _text(content: bytes, part: Message) -> str:
    try:
        return content.decode(part.get_content_charset("utf-8"), errors="replace")
    except (LookupError, ValueError):
        return content.decode(errors="replace")  # a charset that nobody knows


def pages(box: Box) -> FastAPI:
    """The page and the JSON of the box."""
    app = FastAPI(title="Mail catcher", docs_url=None, redoc_url=None)
    app.include_router(_json(box), prefix="/api")
    app.include_router(_html(box), default_response_class=HTMLResponse)
    return app


def _json(box: Box) -> APIRouter:
    router = APIRouter()

    @router.get("/messages")
    def messages() -> dict[str, Any]:
        return {"total": len(box.names()), "messages": _newest(box)}

    @router.delete("/messages", status_code=204)
    def clear() -> None:
        box.clear()

    @router.get("/messages/{name}")
    def message(name: str) -> dict[str, Any]:
        found = _found(box, name)
        bodies = {"text": _part(found, "plain"), "html": _part(found, "html")}
        return _summary(name, found) | bodies

    return router


def _html(box: Box) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    def index() -> str:
        rows = "".join(map(_row, _newest(box)))
        head = "<tr><th>Subject</th><th>To</th></tr>"
        return f"{_STYLE}<h1>{len(box.names())} e-mails</h1><table>{head}{rows}</table>"

    @router.get("/messages/{name}")
    def page(name: str) -> str:
        found = _found(box, name)
        heading = html.escape(_header(found, "Subject"))
        text, rich = (html.escape(_part(found, kind)) for kind in ("plain", "html"))
        frame = f'<iframe sandbox srcdoc="{rich}"></iframe>'
        return f"{_STYLE}<h1>{heading}</h1>{frame}<h2>Plain text</h2><pre>{text}</pre>"

    return router


def _newest(box: Box) -> list[dict[str, Any]]:
    return [_summary(name, box.get(name)) for name in box.names()[:_SHOWN]]


def _found(box: Box, name: str) -> Message:
    try:
        return box.get(name)
    except KeyError:
        raise HTTPException(404, "there is no such message") from None


def _row(summary: dict[str, Any]) -> str:
    subject, to = html.escape(summary["subject"]), html.escape(", ".join(summary["to"]))
    return f'<tr><td><a href="/messages/{summary["id"]}">{subject}</a></td><td>{to}</td></tr>'


async def serve(host: str, smtp_port: int, http_port: int, folder: Path) -> None:
    """Catch mail until the process is told to stop."""
    box = Box(folder)
    controller = Controller(Handler(box), hostname=host, port=smtp_port, data_size_limit=_MAX_BYTES)
    controller.start()
    try:
        config = uvicorn.Config(pages(box), host=host, port=http_port, log_level="warning")
        await uvicorn.Server(config).serve()
    finally:
        controller.stop()


if __name__ == "__main__":
    _, host_, smtp_, http_, folder_ = sys.argv
    asyncio.run(serve(host_, int(smtp_), int(http_), Path(folder_)))
