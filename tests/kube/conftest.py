"""What a cluster is needed for. `make kube` runs it; nothing here belongs to `make test`."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.faults import figures
from tests.kube.cluster import namespace
from tests.kube.killer import Killer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.kube.cluster import Cluster

IMAGE = os.environ.get("COALITION_IMAGE", "")
_HOW = "see docs/kubernetes.md, 'Tried on a cluster'"


def missing() -> str:
    """What is missing for these tests, in one line; nothing where all is there."""
    for program in ("kubectl", "helm"):
        if not shutil.which(program):
            return f"{program} is not on PATH: {_HOW}"
    if not _answers("get", "nodes", "--request-timeout=10s"):
        return f"no cluster answers at what KUBECONFIG names: {_HOW}"
    if not IMAGE:
        return f"COALITION_IMAGE names no image that the cluster has or can pull: {_HOW}"
    return ""


def has_keda() -> bool:
    """Whether the cluster knows ScaledObjects."""
    return _answers("get", "crd", "scaledobjects.keda.sh")


def _answers(*arguments: str) -> bool:
    kubectl = shutil.which("kubectl") or "kubectl"
    return subprocess.run([kubectl, *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session", autouse=True)
def _a_cluster() -> None:
    if what := missing():
        pytest.exit(f"make kube: {what}", returncode=2)


@pytest.fixture(scope="module")
async def cluster() -> AsyncIterator[Cluster]:
    """A namespace for the tests of one module."""
    async with namespace("coalition-kube", IMAGE) as here:
        yield here


@pytest.fixture(scope="module")
async def killer() -> AsyncIterator[Killer]:
    """Somebody who can kill pods as the loss of a node does."""
    here = Killer(IMAGE)
    try:
        await here.prepare()
        yield here
    finally:
        await here.end()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures.show()
    if not terminalreporter.stats.keys() & {"failed", "error", "skipped", "deselected"}:
        figures.write("make kube")
