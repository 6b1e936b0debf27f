"""What comes of the chart's values: as it was agreed, and as the API of a cluster takes it."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest
import yaml

from tests.contract.chart import CASES, CHART, GOLDEN, SCHEMAS, agreed, rendered, tool, values


@pytest.mark.parametrize("case", CASES)
def test_the_chart_renders_as_it_was_agreed(case: str) -> None:
    """After a change that is meant: COALITION_WRITE_GOLDEN=1, and read the difference."""
    golden, now = GOLDEN / f"{case}.yaml", agreed(case)
    if os.environ.get("COALITION_WRITE_GOLDEN"):
        golden.write_text(now)
    assert now == golden.read_text()


@pytest.mark.parametrize("case", CASES)
def test_what_is_rendered_keeps_the_schemas_of_a_cluster(case: str) -> None:
    """Those of its own OpenAPI, with KEDA, Prometheus' operator and Strimzi; see tests/kube."""
    assert not _problems(rendered(case))


def test_a_field_that_no_schema_knows_is_found() -> None:
    render = rendered("trial").replace("terminationGracePeriodSeconds", "terminationGraceSeconds")
    assert "terminationGraceSeconds" in _problems(render)


@pytest.mark.parametrize("case", CASES)
def test_the_chart_passes_helm_lint(case: str) -> None:
    done = subprocess.run(
        [tool("helm"), "lint", "--strict", "--kube-version=1.34.0", *values(case), str(CHART)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stdout


@pytest.mark.parametrize("case", CASES)
def test_every_pod_is_restricted_and_has_its_bounds(case: str) -> None:
    for one in yaml.safe_load_all(rendered(case)):
        if not (pod := _pod(one or {})):
            continue
        name = f"{one['kind']} {one['metadata']['name']}"
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ((), 45),
        (("--set=settings.stop_seconds=300",), 315),
        (("--set-string=settings.stop_seconds=60.5",), 76),
        (("--set=settings.stop_seconds=300", "--set=services.plans.settings.stop_seconds=20"), 35),
    ],
    ids=["unset", "for all", "text", "the service's own"],
)
def test_a_pod_is_killed_only_after_its_service_had_its_time(
    said: tuple[str, ...], seconds: int
) -> None:
    (plans,) = (
        one
        for one in yaml.safe_load_all(rendered("trial", *said))
        if one and (one["kind"], one["metadata"]["name"]) == ("Deployment", "coalition-plans")
    )
    assert (pod := _pod(plans))
    assert pod["terminationGracePeriodSeconds"] == seconds


def test_with_strimzi_whoever_logs_in_has_a_user_and_its_password() -> None:
    objects = [one for one in yaml.safe_load_all(rendered("strimzi")) if one]
    users = {one["metadata"]["name"] for one in objects if one["kind"] == "KafkaUser"}
    seen = 0
    for pod in filter(None, map(_pod, objects)):
        mounted = {
            source["secret"]["name"]
            for volume in pod["volumes"]
            for source in volume.get("projected", {}).get("sources", ())
        }
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            for env in container["env"]:
                if env["name"] == "COALITION_KAFKA_USERNAME":
                    assert env["value"] in users & mounted, container["name"]
                    seen += 1
    assert seen >= len(users)


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ((), 3),
        (("--set=kafka.partitions=6",), 6),
        (("--set=kafka.partitions=6,keda.max=4",), 4),
        (("--set=keda.max=9",), 3),
    ],
    ids=["unset", "more partitions", "fewer replicas", "more than there are partitions"],
)
def test_so_many_replicas_read_as_there_are_partitions_at_most(
    said: tuple[str, ...], most: int
) -> None:
    """Those beyond would only wait."""
    objects = [one for one in yaml.safe_load_all(rendered("trial-with-all", *said)) if one]
    found = [o["spec"]["maxReplicaCount"] for o in objects if o["kind"] == "ScaledObject"]
    assert found == [most] * 3


@pytest.mark.parametrize("case", CASES)
def test_whoever_looks_at_topics_knows_how_many_partitions_they_have(case: str) -> None:
    objects = [o for o in yaml.safe_load_all(rendered(case, "--set=kafka.partitions=6")) if o]
    seen = 0
    for pod in filter(None, map(_pod, objects)):
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            found = {env["name"]: env.get("value") for env in container.get("env", ())}
            if "COALITION_KAFKA" in found:
                assert found["COALITION_PARTITIONS"] == "6", container["name"]
                seen += 1
    assert seen >= 7
    topics = [one["spec"]["partitions"] for one in objects if one["kind"] == "KafkaTopic"]
    assert set(topics) <= {6}


def test_keda_trusts_whom_the_services_trust_also_where_nobody_logs_in() -> None:
    said = ("--set=kafka.users=false", "--set=kafka.adminSecret=")
    objects = [one for one in yaml.safe_load_all(rendered("external", *said)) if one]
    (lag,) = (
        trigger
        for one in objects
        if (one["kind"], one["metadata"]["name"]) == ("ScaledObject", "coalition-plans")
        for trigger in one["spec"]["triggers"]
    )
    assert lag["metadata"]["tls"] == "enable"
    assert "sasl" not in lag["metadata"]
    (login,) = (
        one["spec"]
        for one in objects
        if one["kind"] == "TriggerAuthentication"
        and one["metadata"]["name"] == lag["authenticationRef"]["name"]
    )
    assert login == {"secretTargetRef": [{"parameter": "ca", "name": "kafka-ca", "key": "ca.crt"}]}


@pytest.mark.parametrize("replaces", [False, True])
def test_a_restore_empties_a_database_only_where_it_is_told_to(*, replaces: bool) -> None:
    asked = f"--set=backup.enabled=true,restore.services={{plans}},restore.file=a.zip,\
restore.replace={replaces}".lower()
    documents = [*yaml.safe_load_all(rendered("trial", asked))]
    [job] = [
        one
        for one in documents
        if one and one["kind"] == "Job" and one["metadata"]["name"] == "coalition-restore"
    ]
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["/backups/a.zip", "--service", "plans"] + (
        ["--replace", "--yes"] if replaces else []
    )


def _pod(one: dict[str, Any]) -> Any:
    """The pod that an object makes, if it makes one."""
    if one.get("kind") == "Pod":
        return one["spec"]
    spec = one.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {})
    return template.get("spec")


def _problems(render: str) -> str:
    done = subprocess.run(
        [
            tool("kubeconform"),
            "-strict",
            "-schema-location",
            f"{SCHEMAS}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
        ],
        input=render,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
