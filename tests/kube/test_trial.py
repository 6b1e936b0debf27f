"""The trial of the chart: installed, tried, shut off, and upgraded with nothing changed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.contract.chart import CASES, rendered
from tests.faults import figures
from tests.kube.cluster import RELEASE, SERVICES, Failed

if TYPE_CHECKING:
    from tests.kube.cluster import Cluster

pytestmark = pytest.mark.kube
ALL = (*SERVICES, "kafka", "mongodb", "mail", "operator")
# Asked from a pod: whether something answers there within five seconds.
REACHES = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"


@pytest.fixture(scope="module")
async def installed(cluster: Cluster) -> Cluster:
    began = time.monotonic()
    await cluster.install()
    said = await cluster.helm("test", RELEASE, "--logs", "--timeout=5m")
    assert "an event in, one e-mail out" in said
    figures.note(
        figures.Row(
            "install, helm test",
            events=2,
            faults="each event sent twice",
            lost=0,
            duplicates=2,
            emails="1 sent, 0 unknown",
            seconds=time.monotonic() - began,
        )
    )
    return cluster


async def test_an_event_goes_in_and_its_e_mail_comes_out(installed: Cluster) -> None:
    for component in ALL:
        assert await installed.ready(component) == 1, component


async def test_no_pod_can_write_but_where_it_must_nor_ask_the_cluster(installed: Cluster) -> None:
    for pod in await installed.pods(*ALL):
        name, (container,) = pod["metadata"]["name"], pod["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"], name
        assert pod["spec"]["automountServiceAccountToken"] is False, name
    for folder in ("/", "/app", "/opt/coalition"):
        with pytest.raises(Failed, match="Read-only file system"):
            await installed.operator("touch", f"{folder}/written")
    with pytest.raises(Failed, match="No such file"):
        await installed.operator("ls", "/var/run/secrets/kubernetes.io/serviceaccount")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_pod_of_the_release_reaches_the_services(installed: Cluster, service: str) -> None:
    await installed.operator("python", "-c", REACHES, f"{RELEASE}-{service}", "8000")


async def test_a_pod_of_the_release_reaches_nothing_outside_of_it(installed: Cluster) -> None:
    with pytest.raises(Failed, match=r"timed out|TimeoutError"):
        await installed.operator("python", "-c", REACHES, "kubernetes.default", "443")


@pytest.mark.parametrize(
    ("part", "port"),
    [("kafka", 9092), ("mongodb", 27017), ("mail", 1025), *((s, 8000) for s in SERVICES)],
)
async def test_nobody_else_reaches_a_pod_of_the_release(
    installed: Cluster, part: str, port: int
) -> None:
    """From the same namespace; the name is found, and nobody answers."""
    stranger = await _stranger(installed)
    with pytest.raises(Failed, match=r"timed out|TimeoutError"):
        await installed.kubectl(
            "exec", stranger, "--", "python", "-c", REACHES, f"{RELEASE}-{part}", str(port)
        )


async def test_the_operator_sees_all_from_its_pod(installed: Cluster) -> None:
    assert "membership" in await installed.operator("coalition", "status")
    await installed.operator("coalition", "doctor")


async def test_an_upgrade_without_a_change_changes_nothing(installed: Cluster) -> None:
    before = await _state(installed)
    await installed.install()
    await installed.install()
    assert await _state(installed) == before


@pytest.mark.parametrize("case", CASES)
async def test_the_cluster_takes_what_the_chart_renders(installed: Cluster, case: str) -> None:
    """Each as an operator may set it, as far as the cluster knows such kinds."""
    known = await installed.kubectl("api-resources", "--output=name")
    objects = [one for one in yaml.safe_load_all(rendered(case)) if one]
    there = [one for one in objects if _is_known(one, known)]
    for one in there:
        one["metadata"]["namespace"] = installed.namespace
        one["metadata"]["name"] += "-x"  # what is installed has fields that cannot be changed
    taken = await installed.kubectl(
        "apply", "--dry-run=server", "--validate=strict", "--filename=-", stdin=yaml.dump_all(there)
    )
    assert len(taken.splitlines()) == len(there) > 10


def _is_known(one: dict[str, Any], known: str) -> bool:
    group = one["apiVersion"].rpartition("/")[0]
    return "." not in group or f".{group}\n" in known


async def _state(cluster: Cluster) -> dict[str, object]:
    """All that must stay: pods, how often they were started again, and secrets."""
    pods = {
        pod["metadata"]["uid"]: sum(c["restartCount"] for c in pod["status"]["containerStatuses"])
        for pod in await cluster.pods(*ALL)
    }
    secrets = {
        secret["metadata"]["name"]: secret["data"]
        for secret in (await cluster.get("secrets"))["items"]
        if not secret["type"].startswith("helm.sh/")
    }
    return {"pods": pods, "secrets": secrets}


async def _stranger(cluster: Cluster) -> str:
    """A pod of the same namespace that is none of the release."""
    name = "stranger"
    if name in await cluster.kubectl("get", "pods", "--output=name"):
        return name
    (pod,) = await cluster.pods("operator")
    spec = pod["spec"]["containers"][0]
    container = {
        "name": name,
        "image": cluster.image,
        "command": spec["command"],
        "args": spec["args"],
        "securityContext": spec["securityContext"],
    }
    stranger = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "securityContext": pod["spec"]["securityContext"],
            "terminationGracePeriodSeconds": 1,
            "containers": [container],
        },
    }
    await cluster.kubectl("apply", "--filename=-", stdin=json.dumps(stranger))
    await cluster.kubectl("wait", f"pod/{name}", "--for=condition=Ready", "--timeout=60s")
    return name
