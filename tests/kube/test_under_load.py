"""A release under load: scaled by its lag, upgraded and rolled back, and its nodes lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.containers import free_port
from tests.kube.cluster import RELEASE
from tests.kube.conftest import has_keda
from tests.kube.load import pouring
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.kube.cluster import Cluster
    from tests.kube.killer import Killer
    from tests.kube.load import Pouring

pytestmark = pytest.mark.kube

LAG: Final = 1000
"""Records that one replica may be behind."""
LOST: Final = 2
"""How often all pods of the services are killed."""
BREAKS: Final = ("plans", "notifications")
_SETTINGS: Final = {
    "settings__batch_size": "100",  # few, so that there are many moments to break something in
    "services__notifications__settings__mail_answer_seconds": "30",
    **{f"services__{service}__replicas": "2" for service in BREAKS},
}


@pytest.fixture(scope="module")
async def load(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pouring]:
    port = free_port()
    await cluster.install(**_SETTINGS, trial__kafka__forwarded=str(port), backup__enabled="true")
    logs: Path = tmp_path_factory.mktemp("logs")
    async with pouring(cluster, logs, port) as here:
        yield here


async def test_plans_is_scaled_up_on_its_lag_and_slowly_down_again(
    cluster: Cluster, load: Pouring
) -> None:
    if not has_keda():
        pytest.skip("the cluster has no KEDA")
    began = time.monotonic()
    await cluster.install(keda__enabled="true", keda__lag=str(LAG), keda__cooldownSeconds="30")
    await cluster.becomes("plans", 1, 120)
    for service in BREAKS:
        await cluster.kubectl(
            "wait", f"scaledobject/{RELEASE}-{service}", "--for=condition=Ready", "--timeout=60s"
        )
    deadline = time.monotonic() + 300
    while await cluster.ready("plans") < 3:
        assert time.monotonic() < deadline, "no three replicas"
        await load.pour(2000, ahead=12 * LAG)
    await eventually(lambda: _is_scaled_by(cluster, "notifications", 2), 60, every=1)
    await load.world.read_down("plans")
    await cluster.becomes("plans", 1, 400)
    await load.check("1 → 3 → 1 by KEDA", f"3 replicas at a lag above {LAG:,}", began)


async def test_an_upgrade_and_its_rollback_lose_nothing(cluster: Cluster, load: Pouring) -> None:
    began = time.monotonic()
    await cluster.install(keda__enabled="false")
    for service in BREAKS:
        await cluster.becomes(service, 2, 120)
    async with load.running():
        before = await _uids(cluster)
        await cluster.install(settings__log_level="debug")
        upgraded = await _uids(cluster)
        await cluster.helm("rollback", RELEASE, "--wait", "--timeout=10m")
        after = await _uids(cluster)
    del cluster.values["settings.log_level"]
    assert before.isdisjoint(upgraded)
    assert upgraded.isdisjoint(after)
    pods = len(before) + len(upgraded)
    await load.check("rolling upgrade, rollback", f"{pods} pods replaced", began)


async def test_pods_of_a_lost_node_come_again_elsewhere_and_go_on(
    cluster: Cluster, load: Pouring, killer: Killer
) -> None:
    began = time.monotonic()
    killed = 0
    services = ("membership", *BREAKS)
    async with load.running():
        for _ in range(LOST):
            await load.passed(2000)
            killed += await killer.lose(cluster, services)
            for service in services:
                count = 1 if service == "membership" else 2
                await cluster.becomes(service, count, 240)
    await load.check("a node lost", f"{killed} pods killed with -9, in {LOST} turns", began)


async def _uids(cluster: Cluster) -> set[str]:
    return {pod["metadata"]["uid"] for pod in await cluster.pods(*BREAKS)}


async def _is_scaled_by(cluster: Cluster, service: str, metrics: int) -> bool:
    """Whether the autoscaler has a value for each of its metrics."""
    found = await cluster.get("hpa", f"keda-hpa-{RELEASE}-{service}")
    return len(found["status"].get("currentMetrics") or ()) == metrics


async def test_a_store_that_is_lost_under_load_comes_back_from_a_backup(
    cluster: Cluster, load: Pouring
) -> None:
    began = time.monotonic()
    async with load.running():
        await cluster.kubectl("create", "job", "backup-now", f"--from=cronjob/{RELEASE}-backup")
        await cluster.kubectl("wait", "job/backup-now", "--for=condition=Complete", "--timeout=5m")
        await load.passed(2000)
        (file,) = (await cluster.operator("ls", "/backups")).split()
        await cluster.kubectl("scale", f"deployment/{RELEASE}-plans", "--replicas=0")
        await cluster.becomes("plans", 0, 60)
        await load.watch.look()  # what it has committed can be looked up in this store alone
        async with load.world.database("plans") as database:
            await database.client.drop_database(database.name)
        lost = time.monotonic()
        await cluster.install(restore__services="{plans}", restore__file=file)
        for name in ("restore.services", "restore.file"):
            del cluster.values[name]
        await cluster.install()
        await cluster.becomes("plans", 2, 120)
        back = time.monotonic() - lost
        await load.passed(500)
    await load.check("a store lost, restored", f"1 store, back in {back:.0f} s", began)
