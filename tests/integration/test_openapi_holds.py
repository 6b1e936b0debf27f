"""schemathesis, another maker's client, against the three OpenAPI documents: they say what is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.system import TOKEN

if TYPE_CHECKING:
    from tests.system import System

SCHEMATHESIS: Final = Path(sys.executable).parent / "schemathesis"
EVENTS: Final = r"^/(events(/.kind.)?|rehearsals/.*)$"
OTHERS: Final = rf"{EVENTS}|^/bounces$|^/webhooks$"
"""What is tried elsewhere: schemathesis makes no e-mails, and shall have nothing sent anywhere."""
CONFIG: Final = """
[[operations]]
# A contract says more than JSON Schema can: that a day is in the calendar, that of two fields one
# is there. It is refused as such.
include-path-regex = "^/(events|rehearsals)"
checks.positive_data_acceptance.expected-statuses = [
    "2xx", "401", "403", "404", "409", "422", "5xx"
]

[[operations]]
# A coalition that nothing is recorded of is refused, and no pattern says which there are; nor
# that there was no year 0000.
include-path-regex = "^/(mem|com|conf|conv|offices|owed|reports|pr|pu|pa|pl|lo|trends|ac|changes)"
exclude-path-regex = "/import$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "422", "5xx"]

[[operations]]
# Who is subscribed names what there is, and whoever changes it the version that they have seen.
include-path-regex = "^/subscriptions"
checks.positive_data_acceptance.expected-statuses = [
    "2xx", "401", "403", "404", "409", "412", "422", "428", "5xx"
]

[[operations]]
# No pattern says which webhooks there are, or that a time is over.
include-path-regex = "^/webhooks/"
checks.positive_data_acceptance.expected-statuses = [
    "2xx", "401", "403", "404", "409", "422", "5xx"
]

[[operations]]
# Any text is CSV; what is wrong in it is said for each row.
include-path-regex = "/import$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "422"]
checks.negative_data_rejection.expected-statuses = ["200", "202", "4xx"]
"""


def run(system: System, service: str, folder: Path, *arguments: str) -> str:
    """What schemathesis says; it ends with an error where it finds something."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG)
    url = f"http://127.0.0.1:{system.ports[service]}/openapi.json"
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [
            *(str(SCHEMATHESIS), "--config-file", str(config), "run", url, *arguments),
            *("--header", f"Authorization: Bearer {TOKEN}", "--seed", "1", "--no-shrink"),
            *("--continue-on-failure", "--no-color"),
        ],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("service", ["notifications", "plans", "membership"])
def test_what_is_read_and_operated_is_as_documented(
    coalition: System, service: str, tmp_path: Path
) -> None:
    bounds = ("--phases", "coverage,fuzzing", "--max-examples", "6")
    said = run(coalition, service, tmp_path, *bounds, "--exclude-path-regex", OTHERS)
    assert "failed" not in said


@pytest.mark.parametrize("service", ["notifications", "plans", "membership"])
def test_what_takes_events_is_as_documented(
    coalition: System, service: str, tmp_path: Path
) -> None:
    # Of the bodies of several events that are alike it draws many in vain.
    bounds = ("--phases", "fuzzing", "--max-examples", "15", "--suppress-health-check")
    arguments = (*bounds, "filter_too_much", "--include-path-regex", EVENTS)
    said = run(coalition, service, tmp_path, *arguments)
    assert "failed" not in said
