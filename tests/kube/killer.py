"""Kills pods as the loss of their node does: every process at once with -9, and nobody says why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.kube.cluster import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.kube.cluster import Cluster

NAMESPACE: Final = "coalition-kube-killer"
_KILL: Final = """
import os, pathlib, signal, sys
pods = {f"HOSTNAME={name}".encode() for name in sys.argv[1:]}
found = []
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if pods & set((process / "environ").read_bytes().split(bytes(1))):
            found.append(int(process.name))
    except OSError:
        continue
for process in found:
    os.kill(process, signal.SIGKILL)
print(len(found))
"""
"""A container cannot kill its own first process with -9; whoever sees the node's processes can."""


def _pod(name: str, node: str, image: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "nodeName": node,
            "hostPID": True,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "tolerations": [{"operator": "Exists"}],
            "containers": [
                {
                    "name": "killer",
                    "image": image,
                    "command": ["python", "-c", "import signal; signal.pause()"],
                    "securityContext": {"privileged": True, "runAsUser": 0},
                }
            ],
        },
    }


class Killer:
    """A pod on each node that may kill what others run there.

    Args:
        image: one with Python.
    """

    def __init__(self, image: str) -> None:
        self._image = image
        self._pods: dict[str, str] = {}

    async def prepare(self) -> None:
        """Start a pod on every node."""
        nodes = json.loads(await run("kubectl", "get", "nodes", "--output=json"))["items"]
        await run("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
        await run("kubectl", "create", "namespace", NAMESPACE)
        for number, node in enumerate(nodes):
            name = node["metadata"]["name"]
            self._pods[name] = f"killer-{number}"
            pod = json.dumps(_pod(self._pods[name], name, self._image))
            await run("kubectl", "apply", "--filename=-", stdin=pod)
        await run(
            "kubectl", f"--namespace={NAMESPACE}", "wait", "pods", "--all", "--for=condition=Ready"
        )

    async def lose(self, cluster: Cluster, services: Sequence[str]) -> int:
        """Kill all pods of services, which come again as others; returns how many there were."""
        pods = await cluster.pods(*services)
        names = [pod["metadata"]["name"] for pod in pods]
        nodes = {pod["spec"]["nodeName"] for pod in pods}
        for node in nodes:
            killed = await run(
                "kubectl",
                f"--namespace={NAMESPACE}",
                "exec",
                self._pods[node],
                "--",
                *("python", "-c", _KILL, *names),
            )
            assert int(killed), f"nothing was killed on {node}"
        await cluster.kubectl("delete", "pods", "--force", "--grace-period=0", *names)
        return len(names)

    async def end(self) -> None:
        """Take the pods away again."""
        await run("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
