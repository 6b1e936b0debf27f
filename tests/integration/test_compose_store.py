"""MongoDB's first start in Compose: whatever interrupts it, the next health check goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.compose import OWN_DATABASE_ONLY, Compose, compose
from tests.conftest import on_docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not on_docker(), reason="Compose needs Docker")

KILLED: Final = 137
# Put before the health check, it kills its shell once the first write of it took effect.
KILL: Final = """
const real = connect;
connect = (uri) => {
  const db = real(uri);
  const run = db.runCommand.bind(db);
  db.runCommand = (command) => {
    const answer = run(command);
    if (/^(createUser|updateUser|replSetInitiate)$/.test(Object.keys(command)[0])) {
      process.kill(process.pid, "SIGKILL");
    }
    return answer;
  };
  return db;
};
"""
# What a later version, or somebody, may have changed.
CHANGE: Final = """
const { readFileSync } = require("node:fs");
const password = readFileSync("/run/secrets/coalition/mongodb/root", "utf8").trim();
const admin = connect(`mongodb://root:${password}@127.0.0.1/admin`);
admin.runCommand({ dropUser: "membership" });
admin.runCommand({ updateUser: "plans", pwd: "another" });
admin.runCommand({ updateUser: "notifications", roles: ["root"] });
"""
CHANGE_ROOT: Final = CHANGE.partition("admin.run")[0] + (
    'admin.runCommand({ updateUser: "root", pwd: "another" });'
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Compose]:
    (tmp_path / "kill.js").write_text(KILL)
    with compose(tmp_path) as one:
        # Its own checks would go on with what is interrupted here.
        volumes = [f"{tmp_path / 'kill.js'}:/kill.js:ro"]
        one.override_with(mongodb={"healthcheck": {"disable": True}, "volumes": volumes})
        yield one


async def test_a_check_that_is_killed_after_any_write_is_gone_on_with(project: Compose) -> None:
    half = "cd /secrets && mkdir mongodb && touch mongodb/root && echo x >mongodb/keyfile.new"
    project("run", "--rm", "--entrypoint", "bash", "secrets", "-c", half)
    await project.start_mongodb()
    assert killed(project) == KILLED, "after the replica set"
    project("kill", "mongodb")
    await project.start_mongodb()
    assert [killed(project) for _ in range(7)] == [KILLED] * 6 + [0], "root, and each of five"

    assert project.shell("--eval", CHANGE).returncode == 0
    assert [killed(project) for _ in range(4)] == [KILLED] * 3 + [0]
    assert project.rights() == OWN_DATABASE_ONLY

    assert project.shell("--eval", CHANGE_ROOT).returncode == 0
    refused = project.shell("/healthy.js")
    assert refused.returncode not in {0, KILLED}
    assert "root's password" in refused.stderr


def killed(project: Compose) -> int:
    return project.shell("/kill.js", "/healthy.js").returncode
