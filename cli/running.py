"""How commands end: with their work done, or with one line that says what is wrong."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError
from rich.console import Console

from cli import endpoints
from cli.client import NotTaken
from shared.checks.kafka import KafkaCheck
from shared.environment import hides
from shared.kafka.topics import NotCreated

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

console = Console()
# What Kafka's client notes of a failure is told once, by `failures`.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())

_HINT: Final = "`coalition doctor` says what is wrong; `coalition up` starts the embedded lane."


def run(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - returns what the work returns
    """Run asynchronous work; see `failures`."""
    with failures():
        return asyncio.run(work)


@contextmanager
def failures() -> Iterator[None]:
    """End failures that a user can act on in one line, not in a traceback."""
    try:
        yield
    except NotTaken as error:
        _end(f"Nothing was published: {error}")
    except NotCreated as error:
        _end(str(error))
    except TimeoutError:
        _end("It took too long. `coalition status` shows what is behind.")
    except httpx.HTTPStatusError as error:
        _end(reason_of(error.response))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _end(f"{_where(error)}: {type(error).__name__}. {_HINT}")
    except KafkaError as error:
        _end(_why(error))
    except PyMongoError as error:
        _end(f"COALITION_MONGODB: {_without_password(error)}")
    except OSError as error:
        _end(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _where(error: Exception) -> str:
    """Which address does not answer, and the setting that names it."""
    request = getattr(error, "_request", None)
    url = str(request.url) if request else "an address that cannot be one"
    setting = endpoints.load().setting_of(url)
    return f"{setting}: {url} does not answer" if setting else f"{url} does not answer"


def _why(error: KafkaError) -> str:
    """What a check finds wrong with Kafka, else what its client says."""
    faults = asyncio.run(KafkaCheck(endpoints.load())())
    return "\n".join(map(str, faults)) or f"Kafka does not do what it was asked for: {error!r}"


def _without_password(error: PyMongoError) -> str:
    """What the store's client says, in short, unless a word of the password is in it."""
    short = str(error).partition(" (configured timeouts")[0].partition(", full error")[0]
    login = endpoints.load().store().rpartition("@")[0].partition("://")[2]
    return short if hides(short, login) else "the store does not do what it was asked for"


def reason_of(answer: httpx.Response) -> str:
    """Why a service did not do what it was asked for."""
    try:
        body = answer.json()
        wrong = [f"{e['where']}: {e['reason']}" for e in body.get("errors", ()) if "where" in e]
        return "; ".join([body["detail"], *wrong])
    except (ValueError, KeyError, httpx.ResponseNotRead):
        return f"{answer.request.url} answers {answer.status_code}"


def _end(why: str) -> None:
    console.print(why, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
