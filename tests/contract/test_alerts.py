"""Alerts and dashboards, as Prometheus itself judges them.

What real parts show when they are broken is in `make faults`; here it is made up.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from services.manifests import MANIFESTS
from tests.contract.chart import ROOT, tool

if TYPE_CHECKING:
    from pathlib import Path

OBSERVED = ROOT / "deploy" / "observability"
PROMETHEUS = {"job", "instance", "namespace", "persistentvolumeclaim"}
"""Labels that come from whoever scrapes, or from the kubelet."""


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((OBSERVED / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    shown = json.loads((OBSERVED / "dashboard.json").read_text())["panels"]
    return [target for panel in shown for target in panel["targets"]]


def promtool(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tool("promtool"), *words], cwd=OBSERVED, capture_output=True, text=True, check=False
    )


def test_the_alerts_fire_on_their_faults_and_on_nothing_else() -> None:
    done = promtool("test", "rules", "alerts_test.yaml")
    assert not done.returncode, done.stdout + done.stderr


def test_the_alerts_are_rules_that_prometheus_finds_no_fault_with() -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yaml")
    assert not done.returncode, done.stdout + done.stderr


def test_every_alert_has_a_fault_of_its_own_on_real_parts() -> None:
    faults = [one.read_text() for one in (ROOT / "tests" / "faults").glob("test_alerts*.py")]
    left = [one["alert"] for one in alerts() if f'"{one["alert"]}"' not in "".join(faults)]
    assert not left, f"`make faults` does not try {', '.join(left)}: tests/faults/test_alerts*.py"


def test_every_alert_is_tried_firing_and_silent() -> None:
    tried = {
        (one["alertname"], bool(one["exp_alerts"]))
        for test in yaml.safe_load((OBSERVED / "alerts_test.yaml").read_text())["tests"]
        for one in test.get("alert_rule_test", ())
    }
    assert tried == {(rule["alert"], fires) for rule in alerts() for fires in (True, False)}


def test_every_expression_of_the_dashboard_is_one(tmp_path: Path) -> None:
    rules = [{"record": f"panel_{n}", "expr": one["expr"]} for n, one in enumerate(panels())]
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = promtool("check", "rules", "--lint=none", str(file))
    assert not done.returncode, done.stdout + done.stderr


def test_the_prometheus_of_compose_takes_its_configuration() -> None:
    done = promtool("check", "config", "prometheus.yml")
    assert not done.returncode, done.stdout + done.stderr


def test_compose_has_a_job_for_each_service() -> None:
    jobs = yaml.safe_load((OBSERVED / "prometheus.yml").read_text())["scrape_configs"]
    found = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    assert found == {f"coalition-{name}": [f"{name}:8000"] for name in MANIFESTS}


def test_each_service_is_missed_when_it_is_not_there() -> None:
    (down,) = (rule["expr"] for rule in alerts() if rule["alert"] == "CoalitionDown")
    missed = set(re.findall(r'absent\(up{job="coalition-(\w+)"}\)', down))
    assert missed == MANIFESTS.keys()


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        *((rule["expr"], json.dumps(rule["annotations"])) for rule in alerts()),
        *((one["expr"], one["legendFormat"]) for one in panels()),
    ],
)
def test_labels_are_those_that_the_metrics_have(expression: str, text: str) -> None:
    named = re.findall(r"\bcoalition_\w+?(?=_sum\b|_count\b|\b)", expression)
    there = PROMETHEUS.union(*(labels()[name] for name in named))
    asked = {
        *re.findall(r"(\w+)(?==~?\")", expression),
        *(one for found in re.findall(r"by \(([^)]+)\)", expression) for one in found.split(", ")),
    }
    assert asked <= there
    assert set(re.findall(r"\$labels\.(\w+)|{{(\w+)}}", text)) <= {
        pair for label in there for pair in ((label, ""), ("", label))
    }


def labels() -> dict[str, set[str]]:
    """The labels of each metric, as docs/metrics.md has them."""
    table = (ROOT / "docs" / "metrics.md").read_text()
    rows = re.findall(r"^\| `(coalition_\w+)` \| \w+ \| ([^|]*)\|", table, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", found)) for name, found in rows}
