"""What the pages tell a reader to type is typed, block by block, and does what they say."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from cli import client
from services.manifests import MANIFESTS
from tests.parts import eventually
from tests.system import TOKEN, System, system

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.parts import Parts

ROOT: Final = Path(__file__).parents[2]
BLOCK: Final = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOPIC: Final = re.compile(r"\bcoalition(\.(?:membership|plans)\.(?:inbox|events|rejected)\.v1)")
KAFKA: Final = "127.0.0.1:19092"
WHERE: Final = ". .venv/bin/activate"
"""How the block begins that says where the services are; each other one is run after it."""
SECONDS: Final = 60
ENDLESS: Final = "asyncio.run(listen())"
"""It runs until Ctrl-C, says its page."""


class Step(NamedTuple):
    """A block, by something that only it has, and what it must print."""

    has: str
    prints: Sequence[str]


INTEGRATING: Final = (
    Step(WHERE, ()),
    Step("docker compose run", ()),
    Step("kubectl", ()),
    Step("CoalitionFounded", ['"outcome":"accepted"']),
    Step("ce-id: 2", ['"outcome":"accepted"']),
    Step("batch+json", ['"outcome":"accepted"', '"status":422']),
    Step("Idempotency-Key", ['"outcome":"unchanged"']),
    Step("--validate-only", ["1 events are good"]),
    Step("published=", ['"outcome"']),
    Step('"id":"3"', ()),
    Step("AIOKafkaProducer", ()),
    Step("--entrypoint cat access", ()),
    Step("sasl.username", ()),
    Step("urn%3Amy-region/3", ['"outcome":"unchanged"']),  # the batch has said it already
    Step('"id":"5"', ["coalition-rejected-code=contract", "signed: it is missing"]),
    Step("%k  %h", ["CoalitionFounded", '"id":"de-city-weimar"']),
    Step("AIOKafkaConsumer", ["de-city-weimar 2016-05", "se-city-goteborg 2004-12-10"]),
    Step("coalition webhooks add", ()),
    Step("snapshot.jsonl", ['"stream":"members/']),
)
README: Final = (
    Step("make demo", ()),
    Step("where[", ["'outcome': 'accepted'"]),
    Step("kcat -P", ()),
    Step("docker compose", ()),
)
ELSEWHERE: Final = (
    *("make demo", "docker compose", "docker compose run", "kubectl", "--entrypoint cat access"),
    *("sasl.username", "coalition webhooks add"),
)
"""What asks for another system: tests/integration/test_wheel.py, tests/faults, tests/kube and
.ci/run have those. What logs in: tests/e2e/test_with_a_login.py. And what needs a receiver:
tests/e2e/test_webhooks.py has one."""
PAGES: Final = {"docs/integrating.md": INTEGRATING, "README.md": README}
HISTORY: Final = ROOT / "data" / "history" / "events.jsonl"


def blocks(page: str) -> list[tuple[str, str]]:
    """The language and the text of each."""
    return BLOCK.findall((ROOT / page).read_text())


@pytest.mark.parametrize("page", PAGES)
def test_each_block_of_a_page_is_run_or_it_is_said_where(page: str) -> None:
    found, steps = [text for _, text in blocks(page)], PAGES[page]
    assert len(found) == len(steps)
    for text, step in zip(found, steps, strict=True):
        assert step.has in text


class Reader:
    """Somebody with the page before them, in a folder with what `make up` notes there."""

    def __init__(self, here: System, prefix: str, folder: Path) -> None:
        self._folder, self._prefix = folder, prefix
        where = here.endpoints
        urls = {name: where.url(name) for name in MANIFESTS}
        self._instead = {KAFKA: where.kafka}
        self._instead |= {
            f"http://127.0.0.1:{m.port + 100}": urls[m.name] for m in MANIFESTS.values()
        }
        (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
        notes = folder / ".coalition"
        notes.mkdir()
        (notes / "token").write_text(TOKEN)
        noted = {
            "kafka": where.kafka,
            "prefix": prefix,
            "token_file": str(notes / "token"),
            **{f"{k}_url": v for k, v in urls.items()},
        }
        (notes / "endpoints.json").write_text(json.dumps(noted))

    async def run(self, language: str, text: str, wanted: Sequence[str], before: str = "") -> None:
        """Run a block until it has printed what it must; again, where Kafka takes its time.

        Whatever a page says may be done twice.
        """
        program = self._mine(f"{before}{text}")
        printed = ""

        async def has_printed() -> bool:
            nonlocal printed
            printed = await self._print(language, program, wanted)
            return all(one in printed for one in wanted)

        try:
            await eventually(has_printed, SECONDS)
        except AssertionError:
            pytest.fail(f"{wanted} is not in what it printed:\n{text}\n{printed[-3000:]}")

    async def _print(self, language: str, program: str, wanted: Sequence[str]) -> str:
        command = ["sh", "-ec"] if language == "sh" else [sys.executable, "-c"]
        process = await asyncio.create_subprocess_exec(
            *command,
            program,
            cwd=self._folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdout
        printed, is_endless = "", ENDLESS in program
        async with asyncio.timeout(SECONDS):
            async for line in process.stdout:
                printed += line.decode()
                if is_endless and all(one in printed for one in wanted):
                    process.send_signal(signal.SIGINT)
            await process.wait()
        assert is_endless or process.returncode == 0, printed[-3000:]
        return printed

    def _mine(self, text: str) -> str:
        """The block with this system's addresses and topics in the place of the usual ones."""
        for usual, mine in self._instead.items():
            text = text.replace(usual, mine)
        return TOPIC.sub(rf"{self._prefix}\1", text)


@pytest.fixture
async def reader(
    request: pytest.FixtureRequest, parts: Parts, tmp_path: Path
) -> AsyncIterator[Reader]:
    """A system of its own, as the pages' ids and names are the same at each run.

    With the demo's data, or with nothing at all.
    """
    prefix, folder = f"p{uuid.uuid4().hex[:8]}", tmp_path / "reader"
    folder.mkdir()
    settings = {
        name: {"COALITION_PREFIX": prefix, "COALITION_DATABASE": f"{prefix}_{name}"}
        for name in MANIFESTS
    }
    with system(parts, tmp_path, settings) as here:
        for name in MANIFESTS:
            here.start(name)
        for name in MANIFESTS:
            await here.ready(name, 2 * SECONDS)
        if request.param == BESIDE_THE_DEMO:
            where = here.endpoints.model_copy(update={"prefix": prefix})
            await client.publish(where, HISTORY.read_bytes().splitlines(), lambda _: None)
            await client.settled(where, 2 * SECONDS)
        yield Reader(here, prefix, folder)


BESIDE_THE_DEMO, NEW = "beside the demo's data", "where nothing is recorded"


@pytest.mark.parametrize(
    ("page", "reader"),
    [
        ("docs/integrating.md", BESIDE_THE_DEMO),
        ("docs/integrating.md", NEW),
        ("README.md", BESIDE_THE_DEMO),
    ],
    indirect=["reader"],
)
async def test_a_page_does_what_it_says(reader: Reader, page: str) -> None:
    if not shutil.which("kcat"):
        assert "kcat" not in os.environ.get("REQUIRE_TOOLS", ""), "kcat is missing"
        pytest.skip("needs kcat")
    prelude = "".join(text for _, text in blocks(page) if text.startswith(WHERE))
    for (language, text), step in zip(blocks(page), PAGES[page], strict=True):
        if step.has not in ELSEWHERE:
            await reader.run(language, text, step.prints, prelude if language == "sh" else "")
