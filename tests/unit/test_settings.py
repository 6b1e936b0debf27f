"""Every setting is taken, or refused by name at the start in one line that tells no secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from cli.endpoints import Endpoints
from services.manifests import MANIFESTS
from services.notifications.settings import SENDER, NotificationsSettings
from services.plans.settings import PlansSettings
from shared import environment
from shared.addresses import Mailbox
from shared.environment import PREFIX, WrongSettings

ROOT: Final = Path(__file__).parents[2]
SECRET: Final = "hunter2-hunter2"


class Settings(NotificationsSettings, PlansSettings):
    """The settings of all services."""


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    return environment.load(Settings, {name.upper() for name in MANIFESTS})


def reasons(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(WrongSettings) as raised:
        load(monkeypatch, **variables)
    return str(raised.value).splitlines()


TAKEN: Final[list[tuple[str, str, Any]]] = [
    ("MAIL_FROM", "a@example.org", Mailbox(SENDER, "a@example.org")),
    ("MAIL_FROM", "Name <a@example.org>", Mailbox("Name", "a@example.org")),
    ("MAIL_FROM", "a@köln.example", Mailbox(SENDER, "a@xn--kln-sna.example")),
    ("SMTP_HOST", "[::1]", "::1"),
    ("SMTP_HOST", "mail.köln.example", "mail.xn--kln-sna.example"),
    ("SMTP_CLIENT_NAME", "mail.example.org", "mail.example.org"),
    ("SMTP_CLIENT_NAME", "192.0.2.1", "[192.0.2.1]"),
    ("SMTP_CLIENT_NAME", "[192.0.2.1]", "[192.0.2.1]"),
    ("SMTP_CLIENT_NAME", "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
    ("SMTP_CLIENT_NAME", "host1", "host1"),
    ("KAFKA", "a:9092, [::1]:9093", "a:9092,[::1]:9093"),
    ("HTTP_HOST", "::", "::"),
    ("HTTP_HOST", "[::1]", "::1"),
    ("HTTP_PORT", "0", 0),
    ("HTTP_PROXIES", "10.0.0.0/8, ::1", ("10.0.0.0/8", "::1/128")),
    ("DATABASE", "coalition-2", "coalition-2"),
    ("DATABASE", "", None),
    ("SWEEP_SECONDS", "0.5", 0.5),
    ("MAIL_ANSWER_SECONDS", "3600", 3600),
]


@pytest.mark.parametrize(("name", "value", "expected"), TAKEN)
def test_a_setting_is_taken_in_one_form(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    assert getattr(load(monkeypatch, **{name: value}), name.lower()) == expected


WRONG: Final = [
    ("KAFKA", "kafka"),
    ("KAFKA", "PLAINTEXT://kafka:9092"),
    ("PREFIX", "Our.Prefix"),
    ("MONGODB", "http://localhost"),
    ("MONGODB", "mongodb://"),
    ("MONGODB", "mongodb://localhost/?w=1"),
    ("MONGODB", "mongodb://localhost/?tlsCAFile=/no/such/file"),
    ("MONGODB", "mongodb://localhost/?nonsense=1"),
    ("MONGODB", f"mongodb://user:{SECRET}"),
    ("MONGODB", f"mongodb://user:{SECRET}@@localhost"),
    ("MONGODB", f"mongodb://user:a/{SECRET}@localhost"),
    ("MONGODB", f"mongodb://user:a?{SECRET}=1@localhost"),
    ("DATABASE", "a.b"),
    ("DATABASE", "a$b"),
    ("DATABASE", "a b"),
    ("DATABASE", "admin"),
    ("DATABASE", "x" * 64),
    ("HTTP_HOST", "http://localhost"),
    ("HTTP_PORT", "65536"),
    ("HTTP_PORT", "tcp://10.0.0.1:8000"),
    ("TOKEN", " "),
    ("TOKEN", "short"),
    ("TOKEN", f"{SECRET} {SECRET}"),
    ("TOKEN", f"ü{SECRET}"),
    ("TOKENS", "/no/such/file.toml"),
    ("PUBLISHERS", "/no/such/file.toml"),
    ("OIDC_ISSUER", "http://login.example.org"),
    ("OIDC_ISSUER", "https://login.example.org/?tenant=1"),
    ("OIDC_AUDIENCE", "x" * 201),
    ("HTTP_CONNECTIONS", "0"),
    ("HTTP_PROXIES", "*"),
    ("HTTP_PROXIES", "10.0.0.1/8"),
    ("RATE_ADDRESS", "0"),
    ("RATE_CALLER", "-1"),
    ("LICENCE", "CC BY 4.0"),
    ("BATCH_SIZE", "0"),
    ("BATCH_SIZE", "many"),
    ("CACHE_SIZE", "1e400"),
    ("REPLICATION", "1.5"),
    ("REJECTED_SHARE", "nan"),
    ("REJECTED_SHARE", "2"),
    ("REJECTED_WINDOW", "99"),
    ("SWEEP_SECONDS", "inf"),
    ("SWEEP_SECONDS", "nan"),
    ("SWEEP_SECONDS", "0"),
    ("SWEEP_SECONDS", "-1"),
    ("SMTP_HOST", "mail server"),
    ("SMTP_HOST", ".mail"),
    ("SMTP_HOST", "smtp://mail"),
    ("SMTP_PORT", "0"),
    ("SMTP_TLS", "TLS"),
    ("SMTP_CLIENT_NAME", "our host"),
    ("MAIL_FROM", "Name a@example.org"),
    ("MAIL_FROM", "jürgen@example.org"),
    ("MAIL_UNKNOWN", "maybe"),
    ("MAIL_WORKERS", "0"),
    ("MAIL_PER_CONNECTION", "0"),
    ("MAIL_ANSWER_SECONDS", "inf"),
    ("MAIL_ANSWER_SECONDS", "5"),
    ("SILENT_SECONDS", "5"),
    ("STOP_SECONDS", "nan"),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_setting_that_cannot_be_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    (reason,) = reasons(monkeypatch, **{name: value})
    assert reason.startswith(f"{PREFIX}{name}: ")
    assert SECRET not in reason
    assert len(reason) < 300


def test_every_setting_that_is_not_any_text_has_a_value_that_is_refused() -> None:
    any_text = {"smtp_username", "smtp_password"}
    assert {name.lower() for name, _ in WRONG} | any_text == Settings.model_fields.keys()


def test_half_of_oidc_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (reason,) = reasons(monkeypatch, OIDC_AUDIENCE="coalition")
    assert reason.startswith(f"{PREFIX}OIDC_ISSUER is not set")


@pytest.mark.parametrize("half", ["SMTP_USERNAME", "SMTP_PASSWORD"])
def test_half_a_login_is_refused(monkeypatch: pytest.MonkeyPatch, half: str) -> None:
    (other,) = {"SMTP_USERNAME", "SMTP_PASSWORD"} - {half}
    (reason,) = reasons(monkeypatch, **{half: SECRET})
    assert reason.startswith(f"{PREFIX}{other} is not set")
    assert SECRET not in reason


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = reasons(
        monkeypatch,
        HTTP_PORT="x",
        TOKEN_FILE="/no/such/file",
        MAIL_WORKER="4",
        SMTP_USERNAME="me",
        MAIL_FROM="nobody",
    )
    names = [re.match(r"COALITION_\w+", line) for line in found]
    assert [name[0] for name in names if name] == [
        "COALITION_TOKEN_FILE",
        "COALITION_MAIL_WORKER",
        "COALITION_HTTP_PORT",
        "COALITION_MAIL_FROM",
    ]


def test_a_secret_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    loaded = load(monkeypatch, TOKEN_FILE=str(file), MONGODB_FILE="")
    assert loaded.token
    assert loaded.token.get_secret_value() == SECRET
    assert SECRET not in repr(loaded)


def test_a_variable_counts_more_than_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, TOKEN=SECRET, TOKEN_FILE="/no/such/file").token


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "the file cannot be read: No such file or directory"),
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"\xff\xfe", "the file is not UTF-8 text"),
        (b"x" * 70_000, "the file has more than 65536 bytes"),
        (SECRET.encode()[:5], "a token has 8 characters or more of A-Z, a-z, 0-9 and -._~+/="),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert reasons(monkeypatch, TOKEN_FILE=str(file)) == [f"COALITION_TOKEN_FILE: {reason}"]


def test_a_file_may_not_be_a_folder_or_be_closed_to_us(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (reason,) = reasons(monkeypatch, TOKEN_FILE=str(tmp_path))
    assert reason == "COALITION_TOKEN_FILE: the file cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("MAIL_WORKER", "MAIL_WORKERS"),
        ("SMTP_HOSTNAME", "SMTP_HOST"),
        ("TOKEN_FIEL", "TOKEN_FILE"),
        ("smtp_usernam", "SMTP_USERNAME"),
        ("MONGO_DB", "MONGODB"),
    ],
)
def test_a_name_that_is_no_setting_is_refused_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, name: str, near: str
) -> None:
    expected = f"COALITION_{name.upper()} is no setting; COALITION_{near} is one"
    assert reasons(monkeypatch, **{name: "1"}) == [expected]


def test_what_others_read_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {*Endpoints.model_fields, "version", "port_mail", "test_lane", "require_docker"}
    names -= {"kafka", "token", "token_file", "prefix"}
    kubernetes = {"SERVICE_HOST", "PORT", "PLANS_PORT_8000_TCP_ADDR", "PLANS_SERVICE_PORT_HTTP"}
    load(monkeypatch, **{name.upper(): "x" for name in names | kubernetes})


def test_compose_and_the_example_name_settings_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    example = (ROOT / ".env.example").read_text()
    names = set(re.findall(r"COALITION_([A-Z_]+)", compose + example)) - {"PORT_"}
    own = {field.upper() for field in Settings.model_fields}
    assert own <= names
    others = {name for name in names if name.removesuffix("_FILE") not in own}
    load(monkeypatch, **dict.fromkeys(others, "x"))


def test_a_service_ends_with_one_line_for_each_and_no_traceback() -> None:
    wrong = {"COALITION_MONGODB": f"mongodb://u:{SECRET}", "COALITION_SMTP_HOST": ".x"}
    ended = subprocess.run(
        [sys.executable, "-m", "services", "notifications"],
        env={**os.environ, **wrong},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert [line.partition(":")[0] for line in ended.stderr.splitlines()] == list(wrong)
    assert SECRET not in ended.stderr + ended.stdout
