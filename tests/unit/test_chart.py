"""The chart, the alerts and the dashboard fit what the code has; a cluster shows the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cli.main import app
from services.manifests import MANIFESTS
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "chart"
OBSERVED = ROOT / "deploy" / "observability"
SHARED = {
    "start.sh": ROOT / "deploy" / "mongodb",
    "healthy.js": ROOT / "deploy" / "mongodb",
    "healthy.sh": ROOT / "deploy" / "kafka",
    "alerts.yaml": OBSERVED,
    "dashboard.json": OBSERVED,
}
METRIC = re.compile(r"\bcoalition_[a-z_]+")
DOCUMENTED = set(
    re.findall(r"^\| `(coalition_\w+)`", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)
)


def expressions() -> list[str]:
    rules = yaml.safe_load((OBSERVED / "alerts.yaml").read_text())["groups"]
    alerts = [rule["expr"] for group in rules for rule in group["rules"]]
    panels = json.loads((OBSERVED / "dashboard.json").read_text())["panels"]
    return alerts + [target["expr"] for panel in panels for target in panel["targets"]]


def test_the_chart_has_a_deployment_for_each_manifest() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values["services"].keys() == MANIFESTS.keys(), (
        "add the service to `services` in deploy/chart/values.yaml and values.schema.json"
    )
    schema = json.loads((CHART / "values.schema.json").read_text())
    assert schema["properties"]["services"]["properties"].keys() == MANIFESTS.keys()


def test_what_can_be_set_is_in_the_schema() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    assert values.keys() == schema.keys() - {"global"}, "Helm itself passes `global`"
    assert values["kafka"].keys() == schema["kafka"]["properties"].keys()


@pytest.mark.parametrize("name", SHARED)
def test_what_the_chart_carries_is_what_compose_uses(name: str) -> None:
    """Helm takes files from its own folder only, and follows links out of it."""
    assert (CHART / "files" / name).resolve() == SHARED[name] / name


@pytest.mark.parametrize("expression", expressions())
def test_each_expression_names_metrics_that_exist(expression: str) -> None:
    named = {re.sub(r"_(sum|count)$", "", name) for name in METRIC.findall(expression)}
    assert named <= DOCUMENTED


def test_each_alert_has_a_runbook_and_each_runbook_an_alert() -> None:
    groups = yaml.safe_load((OBSERVED / "alerts.yaml").read_text())["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"]}
    headings = re.findall(r"^## (\w+)", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE)
    assert set(headings) == alerts
    for group in groups:
        for rule in group["rules"]:
            anchor = f"docs/runbooks.md#{rule['alert'].lower()}"
            assert rule["annotations"]["runbook_url"] == anchor


def test_each_part_of_the_values_is_in_the_schema() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    for name, part in values.items():
        properties = schema[name].get("properties")
        if properties:
            assert part.keys() == properties.keys(), name


def test_as_many_partitions_can_be_set_as_the_services_take() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["kafka"]
    values = yaml.safe_load((CHART / "values.yaml").read_text())["kafka"]
    assert values["partitions"] == Settings().partitions
    bounds = schema["properties"]["partitions"]
    taken = Settings.model_json_schema()["properties"]["partitions"]
    assert {name: taken[name] for name in bounds} == bounds


def test_keda_asks_for_a_metric_that_there_is() -> None:
    asked = re.findall(r"valueLocation: (\w+)", (CHART / "templates" / "keda.yaml").read_text())
    assert asked
    assert set(asked) <= DOCUMENTED


@pytest.mark.parametrize("table", ["topics", "acls"])
def test_strimzi_makes_what_compose_makes(table: str) -> None:
    """Made by `coalition topics --json` and `coalition acls --json`."""
    shown = CliRunner().invoke(app, [table, "--json"], env={"COALITION_DIRECTORY": "/nonexistent"})
    written = json.loads((CHART / "files" / f"{table}.json").read_text())
    assert written == json.loads(shown.stdout), (
        f"run `coalition {table} --json >deploy/chart/files/{table}.json`"
    )


def test_the_chart_and_the_package_are_of_one_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert chart["version"] == chart["appVersion"] == version[1]
