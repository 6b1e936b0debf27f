"""The pages name files, places in other pages, recipes and commands that there are."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main

from cli.main import app

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MADE_UP: Final = re.compile(r"services/doors/|shared/contracts/doors\.py")
"""By docs/extending.md, for its walks."""
PATH: Final = re.compile(
    r"`((?:services|shared|cli|embedded|tests|deploy|docs|data|examples)/[\w./-]+)`"
)
LINK: Final = re.compile(r"\]\(([^)\s:]+)\)")
SHELL: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND: Final = re.compile(
    r"(?:^|`|cli |bin/)coalition ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", re.MULTILINE
)
INLINE: Final = re.compile(r"`(?:[\w./]*bin/)?coalition [^`]+`")
LISTED: Final = ("git", "ls-files", "--cached", "--others", "--exclude-standard")

page = pytest.mark.parametrize("page", PAGES, ids=lambda one: str(one.relative_to(ROOT)))


@cache
def there() -> set[str]:
    """All files of the repository, and their folders."""
    done = subprocess.run(LISTED, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = done.stdout.splitlines()
    return {*listed, *(str(folder) for path in listed for folder in Path(path).parents)}


def heads(text: str) -> set[str]:
    """Where a link into a page may lead, as forges make it of its headings."""
    found = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in found}


@page
def test_files_are_there(page: Path) -> None:
    named = {path.rstrip("/") for path in PATH.findall(page.read_text())}
    assert {path for path in named - there() if not MADE_UP.match(f"{path}/")} == set()


@page
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        file, _, head = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not head or head in heads(target.read_text()), link


@page
def test_recipes_and_commands_are_there(page: Path) -> None:
    text = page.read_text().replace("\\\n", " ")
    recipes = set(re.findall(r"`make ([a-z]+)", text))
    assert recipes <= set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {*_commands(typer.main.get_command(app))}
    groups = {command.partition(" ")[0] for command in commands if " " in command}
    typed = "\n".join([*SHELL.findall(text), *INLINE.findall(text)])
    for words in COMMAND.findall(typed):
        first, _, second = words.partition(" ")
        named = words if first in groups and second else first
        assert named in commands | groups, words


def _commands(group: Any, before: str = "") -> Iterator[str]:
    below: Mapping[str, Any] = getattr(group, "commands", {})
    for name, command in below.items():
        yield f"{before}{name}"
        yield from _commands(command, f"{before}{name} ")
