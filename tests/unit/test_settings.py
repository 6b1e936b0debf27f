"""Every setting is taken, or refused by name at the start in one line that tells no secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr

from cli.endpoints import Endpoints
from services.notifications.settings import SENDER
from shared.addresses import Mailbox
from shared.environment import PREFIX
from tests.environment import SECRET, Settings, load, reasons, unset

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch)


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
    ("KAFKA", "localhost:9092, [::1]:9093", "localhost:9092,[::1]:9093"),
    ("HTTP_HOST", "::", "::"),
    ("HTTP_HOST", "[::1]", "::1"),
    ("HTTP_PORT", "0", 0),
    ("HTTP_PROXIES", "10.0.0.0/8, ::1", ("10.0.0.0/8", "::1/128")),
    ("DATABASE", "coalition-2", "coalition-2"),
    ("DATABASE", "", None),
    ("SWEEP_SECONDS", "0.5", 0.5),
    ("TRACES_ENDPOINT", "http://collector:4318", "http://collector:4318/v1/traces"),
    ("TRACES_ENDPOINT", "https://x.example/otlp/v1/traces", "https://x.example/otlp/v1/traces"),
    ("TRACES_SAMPLE", "1", 1.0),
    ("MAIL_ANSWER_SECONDS", "3600", 3600),
    ("LINK_KEYS", f"{'a' * 32} {'b' * 32}", SecretStr(f"{'a' * 32} {'b' * 32}")),
]


@pytest.mark.parametrize(("name", "value", "expected"), TAKEN)
def test_a_setting_is_taken_in_one_form(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    assert getattr(load(monkeypatch, **{name: value}), name.lower()) == expected


WRONG: Final = [
    ("LINK_KEYS", "short"),
    ("LINK_KEYS", " ".join(["k" * 32] * 6)),
    ("PUBLIC_URL", "http://coalition.example.org"),
    ("PUBLIC_URL", "coalition.example.org"),
    ("PUBLIC_URL", "https://coalition.example.org/?x=1"),
    ("KAFKA", "kafka"),
    ("KAFKA", "PLAINTEXT://kafka:9092"),
    ("KAFKA", "kafka:9092"),
    ("KAFKA", "localhost:9092,192.0.2.1:9092"),
    ("KAFKA_CA", "/no/such/file"),
    ("KAFKA_CA", __file__),
    ("KAFKA_CERTIFICATE", "/no/such/file"),
    ("KAFKA_KEY", "/no/such/file"),
    ("KAFKA_USERNAME", "x" * 256),
    ("KAFKA_INSECURE", "perhaps"),
    ("PUBLISHERS_FILE", "/no/such/file.toml"),
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
    ("TOKENS_FILE", "/no/such/file.toml"),
    ("PUBLISHERS_FILE", "/no/such/file.toml"),
    ("OIDC_ISSUER", "http://login.example.org"),
    ("OIDC_ISSUER", "https://login.example.org/?tenant=1"),
    ("OIDC_AUDIENCE", "x" * 201),
    ("HTTP_CONNECTIONS", "0"),
    ("HTTP_PROXIES", "*"),
    ("HTTP_PROXIES", "10.0.0.1/8"),
    ("HTTP_PER_MINUTE_PER_ADDRESS", "0"),
    ("HTTP_PER_MINUTE_PER_TOKEN", "-1"),
    ("LICENCE", "CC BY 4.0"),
    ("TRACES_ENDPOINT", "collector:4318"),
    ("TRACES_ENDPOINT", "http://a collector:4318"),
    ("TRACES_ENDPOINT", "http://collector:port"),
    ("TRACES_ENDPOINT", f"https://user:{SECRET}@collector:4318"),
    ("TRACES_ENDPOINT", f"https://collector:4318/?token={SECRET}"),
    ("TRACES_SAMPLE", "1.5"),
    ("TRACES_SAMPLE", "nan"),
    ("BATCH_SIZE", "0"),
    ("BATCH_SIZE", "many"),
    ("CACHE_MB", "1e400"),
    ("PARTITIONS", "0"),
    ("REPLICATION", "1.5"),
    ("REJECTED_SHARE", "nan"),
    ("REJECTED_SHARE", "2"),
    ("REJECTED_WINDOW", "99"),
    ("REJECTED_PLAIN", "loud"),
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
    ("MAIL_PER_SECOND", "0"),
    ("MAIL_PER_SECOND_PER_DOMAIN", "-1"),
    ("MAIL_KEEP_DAYS", "0"),
    ("MAIL_BOUNCE_ADDRESS", "bounces"),
    ("MAIL_DKIM_KEY", "geheim"),
    ("MAIL_DKIM_SELECTOR", "a b"),
    ("MAIL_DKIM_DOMAIN", "köln.example"),
    ("IMAP_HOST", "imaps://mail"),
    ("IMAP_PORT", "0"),
    ("IMAP_USERNAME", "x" * 255),
    ("IMAP_TLS", "ssl"),
    ("IMAP_FOLDER", "a\tb"),
    ("IMAP_TAKEN_FOLDER", "x" * 201),
    ("IMAP_EVERY_SECONDS", "0"),
    ("WEBHOOK_ANSWER_SECONDS", "0"),
    ("WEBHOOK_HTTP", "perhaps"),
    ("WEBHOOK_NETWORKS", "10.1.0.1/16"),
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
    any_text = {"smtp_username", "smtp_password", "imap_password", "kafka_password"}
    assert {name.lower() for name, _ in WRONG} | any_text == Settings.model_fields.keys()


def test_half_of_oidc_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (reason,) = reasons(monkeypatch, OIDC_AUDIENCE="coalition")
    assert reason.startswith(f"{PREFIX}OIDC_ISSUER is not set")


@pytest.mark.parametrize("half", ["USERNAME", "PASSWORD"])
@pytest.mark.parametrize("what", ["SMTP", "KAFKA"])
def test_half_a_login_is_refused(monkeypatch: pytest.MonkeyPatch, what: str, half: str) -> None:
    (other,) = {f"{what}_USERNAME", f"{what}_PASSWORD"} - {f"{what}_{half}"}
    (reason,) = reasons(monkeypatch, **{f"{what}_{half}": SECRET})
    assert reason.startswith(f"{PREFIX}{other} is not set")
    assert SECRET not in reason


def test_kafka_elsewhere_is_reached_encrypted_or_by_a_setting_that_says_insecure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (reason,) = reasons(monkeypatch, KAFKA="kafka:9092")
    assert "COALITION_KAFKA_INSECURE" in reason
    assert load(monkeypatch, KAFKA_INSECURE="true").security.protocol == "PLAINTEXT"
    login = {"KAFKA_USERNAME": "me", "KAFKA_PASSWORD": SECRET}
    assert load(monkeypatch, **login).security.protocol == "SASL_PLAINTEXT"
    secure = load(monkeypatch, KAFKA_INSECURE="false")
    assert secure.security.protocol == "SASL_SSL"
    assert SECRET not in repr(secure) + repr(secure.security)
    assert load(monkeypatch, KAFKA="localhost:9092").security.protocol == "SASL_SSL"


def test_a_certificate_without_its_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (reason,) = reasons(monkeypatch, KAFKA_CERTIFICATE=__file__)
    assert reason.startswith("COALITION_KAFKA_KEY is not set")
    (reason,) = reasons(monkeypatch, KAFKA_KEY=__file__)
    assert reason.startswith("COALITION_KAFKA_CERTIFICATE: no use with its key")


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
    names -= {*Settings.model_fields, "token_file", "kafka_password_file", "mongodb_file"}
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
    others = {name for name in names - own if name.removesuffix("_FILE") not in own}
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
