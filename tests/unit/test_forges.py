"""What forges run is the one whole check, and what it calls is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
CHECK: Final = (ROOT / ".ci" / "run").read_text()


def commands(document: Any) -> list[str]:
    """Whatever a workflow runs, in GitHub's words or in GitLab's."""
    if isinstance(document, list):
        return [text for one in document for text in commands(one)]
    if not isinstance(document, dict):
        return []
    said = [document["run"]] if isinstance(document.get("run"), str) else []
    said += [text for text in document.get("script", ()) if isinstance(text, str)]
    return said + [text for one in document.values() for text in commands(one)]


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", ".gitlab-ci.yml"])
def test_a_forge_runs_the_whole_check(path: str) -> None:
    found = commands(yaml.safe_load((ROOT / path).read_text()))
    assert [text for text in found if text.endswith("bash .ci/run")]


def test_gitlab_has_docker_where_the_tests_run() -> None:
    """They reach containers at localhost, and mount files that a server elsewhere does not see."""
    job = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())["check"]
    assert not job.get("services")
    assert "DOCKER_HOST" not in job.get("variables", {})
    starts = [text for text in job["script"] if text.startswith("dockerd ")]
    assert starts
    assert starts[0].endswith("&")


def test_the_check_calls_recipes_that_there_are() -> None:
    recipes = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = set(re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z]+)", CHECK, re.MULTILINE))
    assert {"lint", "test"} <= called <= recipes
