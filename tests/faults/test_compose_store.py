"""MongoDB in Compose with its own health checks: killed, started twice, or an older volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.compose import OWN_DATABASE_ONLY, Compose, compose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.faults

KILLS: Final = 3
# The first user as an earlier version made it: before there was a replica set.
ROOT_FIRST: Final = """
const { readFileSync } = require("node:fs");
const pwd = readFileSync("/run/secrets/coalition/mongodb/root", "utf8").trim();
const admin = connect("mongodb://127.0.0.1/admin");
admin.runCommand({ createUser: "root", pwd, roles: ["root"] });
"""
ALONE: Final = ["docker-entrypoint.sh", "mongod"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Compose]:
    with compose(tmp_path) as one:
        yield one


async def test_a_server_that_is_killed_in_its_first_start_becomes_healthy(project: Compose) -> None:
    for _ in range(KILLS):
        await project.start_mongodb()
        project("kill", "mongodb")
    for _ in range(2):
        project("up", "--wait", "mongodb")
        assert project.rights() == OWN_DATABASE_ONLY


async def test_a_volume_whose_users_came_before_the_replica_set_becomes_healthy(
    project: Compose,
) -> None:
    project.override_with(mongodb={"entrypoint": ALONE, "healthcheck": {"disable": True}})
    await project.start_mongodb()
    assert project.shell("--eval", ROOT_FIRST).returncode == 0
    project.override_with()
    project("up", "--wait", "mongodb")
    assert project.rights() == OWN_DATABASE_ONLY
