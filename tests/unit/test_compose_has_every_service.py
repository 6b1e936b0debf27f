"""Compose, its secrets and its example of settings have every service that there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from services import manifests
from shared.settings import Settings

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SECRETS: Final = (ROOT / "deploy" / "secrets" / "make.sh").read_text()
BESIDE: Final = {"access", "cli", "restore"} | {f"{name}-doctor" for name in manifests.MANIFESTS}
"""What is built of the same image and is no service; all log in at Kafka."""
EXAMPLE: Final = (ROOT / ".env.example").read_text()

service = pytest.mark.parametrize("name", manifests.MANIFESTS)


def wanted(name: str) -> dict[str, Any]:
    """What Compose must say of a service, besides what it says of each."""
    port, folder = manifests.MANIFESTS[name].port, f"/run/secrets/coalition/{name}"
    return {
        "command": [name],
        "ports": [f"127.0.0.1:${{COALITION_PORT_{name.upper()}:-{port}}}:8000"],
        "user": f"{owners().get(name)}:{owners().get(name)}",
        "environment": {
            "COALITION_DATABASE": f"coalition_{name}",
            "COALITION_MONGODB_FILE": f"{folder}/mongodb",
            "COALITION_TOKEN_FILE": f"{folder}/token",
            "COALITION_KAFKA_USERNAME": f"${{COALITION_PREFIX:-coalition}}.{name}",
            "COALITION_KAFKA_PASSWORD_FILE": f"{folder}/kafka",
        },
    }


def owners() -> dict[str, str]:
    """The user id of whoever reads a folder of secrets."""
    (line,) = re.findall(r"^declare -rA owner=\((.*)\)$", SECRETS, re.MULTILINE)
    return dict(re.findall(r"\[(\w+)\]=(\d+)", line))


@service
def test_compose_runs_it(name: str) -> None:
    here = COMPOSE["services"].get(name)
    assert here, f"docker-compose.yml: add the service {name!r}, as those that are there"
    environment = here.get("environment", {})
    for field, value in wanted(name).items():
        for key, one in value.items() if isinstance(value, dict) else [("", value)]:
            found = environment.get(key) if key else here.get(field)
            assert found == one, (
                f"docker-compose.yml: services.{name}.{field} needs {key or field}: {one}, "
                f"and has {found}"
            )


@service
def test_a_doctor_looks_at_it_before_it_starts(name: str) -> None:
    here, doctor = COMPOSE["services"][name], COMPOSE["services"].get(f"{name}-doctor", {})
    assert doctor.get("command") == [name], f"docker-compose.yml: add {name}-doctor"
    for field in ("user", "environment"):
        assert doctor[field] == here[field], f"{name}-doctor.{field} is not that of {name}"
    assert here["depends_on"][f"{name}-doctor"] == {"condition": "service_completed_successfully"}


@service
def test_its_own_settings_can_be_set(name: str) -> None:
    own = manifests.MANIFESTS[name].settings.model_fields.keys() - Settings.model_fields.keys()
    environment = COMPOSE["services"].get(name, {}).get("environment", {})
    missing = [
        f"docker-compose.yml: services.{name}.environment needs COALITION_{field.upper()}"
        for field in sorted(own)
        if not {f"COALITION_{field.upper()}", f"COALITION_{field.upper()}_FILE"} & {*environment}
    ]
    missing += [
        f".env.example: add COALITION_{field.upper()}, commented out at its default"
        for field in sorted(own)
        if f"#COALITION_{field.upper()}=" not in EXAMPLE
    ]
    assert not missing, "\n".join(missing)


@service
def test_the_example_has_its_settings_at_their_defaults(name: str) -> None:
    model = manifests.MANIFESTS[name].settings
    defaults = model.model_construct()
    for setting, value in re.findall(r"^#COALITION_([A-Z_]+)=(.+)$", EXAMPLE, re.MULTILINE):
        field = setting.lower()
        if field in model.model_fields:
            said = getattr(model.model_validate({field: value}), field)
            assert said == getattr(defaults, field), f".env.example: COALITION_{setting}"


@service
def test_its_port_is_in_the_example(name: str) -> None:
    line = f"#COALITION_PORT_{name.upper()}={manifests.MANIFESTS[name].port}"
    assert line in EXAMPLE.splitlines(), f".env.example: add the line {line}"


@service
def test_its_secrets_are_made_for_a_user_of_its_own(name: str) -> None:
    assert name in owners(), (
        f"deploy/secrets/make.sh: add [{name}]=<a user id of its own> to `owner`"
    )
    assert list(owners().values()).count(owners()[name]) == 1
    (loop,) = re.findall(r"^for service in (.*); do$", SECRETS, re.MULTILINE)
    assert name in loop.split(), f"deploy/secrets/make.sh: add {name} to `for service in`"


@service
def test_the_command_line_reaches_it(name: str) -> None:
    here = COMPOSE["services"]["cli"]["environment"]
    variable, address = f"COALITION_{name.upper()}_URL", f"http://{name}:8000"
    assert here.get(variable) == address, (
        f"docker-compose.yml: services.cli.environment needs {variable}: {address}"
    )


def test_kafka_lets_nobody_in_who_does_not_log_in() -> None:
    kafka = COMPOSE["services"]["kafka"]["environment"]
    listeners = dict(one.split("://") for one in kafka["KAFKA_LISTENERS"].split(","))
    protocols = dict(
        one.split(":") for one in kafka["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")
    )
    clear = {name for name, protocol in protocols.items() if protocol == "PLAINTEXT"}
    assert listeners.keys() == protocols.keys()
    assert {listeners[name].partition(":")[0] for name in clear} == {"localhost"}
    assert set(protocols.values()) == {"PLAINTEXT", "SASL_PLAINTEXT"}
    assert kafka["KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND"] == "false"


def test_nothing_is_left_of_a_service_that_is_gone() -> None:
    built = {name for name, one in COMPOSE["services"].items() if "build" in one}
    gone = built - manifests.MANIFESTS.keys() - BESIDE
    assert not gone, f"docker-compose.yml: {', '.join(gone)} is in no manifest"
    gone = owners().keys() - manifests.MANIFESTS.keys()
    gone -= {"mongodb", "kafka", "access", "operator"}
    assert not gone, f"deploy/secrets/make.sh: {', '.join(gone)} is in no manifest"
