"""The chart, rendered as operators set it; values/ has what they set, golden/ what comes of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[3]
CHART: Final = ROOT / "deploy" / "chart"
HERE: Final = Path(__file__).parent
VALUES: Final = HERE / "values"
GOLDEN: Final = HERE / "golden"
SCHEMAS: Final = HERE / "schemas"
CASES: Final = sorted(path.stem for path in VALUES.glob("*.yaml"))
_LONG: Final = 400
_PASSWORD: Final = re.compile(r"\b[A-Za-z0-9]{40}\b")
"""As the chart makes them for a trial: others each time."""


def tool(name: str) -> str:
    """A program of PATH, or one that .ci/run built; the test is skipped where it need not be."""
    path = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if not found and name in os.environ.get("REQUIRE_TOOLS", "").split():
        pytest.fail(f"{name} is missing")
    return found or pytest.skip(f"{name} is missing")


def values(case: str) -> list[str]:
    """The options of a case, for helm."""
    return [f"--values={VALUES / case}.yaml"]


def rendered(case: str, *more: str) -> str:
    """All objects of a release with the values of a case, and with further options of helm."""
    done = subprocess.run(
        [
            tool("helm"),
            "template",
            "coalition",
            str(CHART),
            "--namespace=coalition",
            "--kube-version=1.34.0",
            *values(case),
            *more,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return _PASSWORD.sub("a-password", done.stdout)


def agreed(case: str) -> str:
    """The same in a form of its own: no comments, and files that the chart carries only named."""
    objects = [_shortened(one) for one in yaml.safe_load_all(rendered(case)) if one]
    return yaml.safe_dump_all(objects, width=120)


def _shortened(part: Any) -> Any:
    match part:
        case {"kind": "PrometheusRule"}:
            return {**part, "spec": "files/alerts.yaml"}
        case dict():
            return {key: _shortened(value) for key, value in part.items()}
        case list():
            return [_shortened(value) for value in part]
        case str() if len(part) > _LONG:
            return "the content of a file"
    return part
