"""What is sent to a webhook and where to: the body, its signature, and addresses that may be."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Final

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from services.notifications.changes import Kept
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.addresses import check, is_allowed
from services.notifications.webhooks.body import structured, traced
from services.notifications.webhooks.signing import Secret, new_secret, signed
from shared import cloudevents

BEGIN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
PUBLIC: Final = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "8.8.8.8")
PRIVATE: Final = (
    *("127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1"),  # noqa: S104
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "::127.0.0.1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_is_sent_to_what_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_allowed(ip_address(address), ())
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ValueError, match="no public address"):
        check(f"https://{host}/hook", http=False, networks=())


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_sent_to(address: str) -> None:
    assert is_allowed(ip_address(address), ())


def test_a_network_of_the_settings_is_allowed_and_no_other() -> None:
    networks = NotificationsSettings.model_validate(
        {"webhook_networks": "10.1.0.0/16, fd00::/8"}
    ).webhook_networks
    assert networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert is_allowed(ip_address("10.1.2.3"), networks)
    assert is_allowed(ip_address("::ffff:10.1.2.3"), networks)
    assert is_allowed(ip_address("fd00::1"), networks)
    assert not is_allowed(ip_address("10.2.0.1"), networks)
    assert not is_allowed(ip_address("127.0.0.1"), networks)
    with pytest.raises(ValidationError, match="is no network"):
        NotificationsSettings.model_validate({"webhook_networks": "10.1.0.1/16"})


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/hook", "https://"),
        ("ftp://example.org/", "https://"),
        ("https://me:secret@example.org/", "login"),
        ("https://example.org/#here", "fragment"),
        ("https:///hook", "host"),
        ("https://exa mple.org/", "address|host"),
        ("example.org/hook", "https://"),
        ("https://127.0.0.1:8000/", "no public address"),
        ("https://2130706433/", "number"),
        ("https://example.org/" + "a" * 500, "characters"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check(url, http=False, networks=())


def test_http_is_for_trials_alone() -> None:
    assert check("http://example.org/", http=True, networks=()) == "http://example.org/"
    assert check("https://example.org/a?b=c", http=False, networks=()) == (
        "https://example.org/a?b=c"
    )


def verified(secret: str, headers: dict[str, str], body: str) -> Any:
    return Receiver(secret).verify(body, headers)


def test_while_a_secret_is_rotated_either_verifies_and_afterwards_the_new_one_alone() -> None:
    now = datetime.now(UTC)
    old, new, other = new_secret(), new_secret(), new_secret()
    kept = (Secret(secret=new), Secret(secret=old, until=now + timedelta(hours=1)))
    headers = signed("m1", '{"a": 1}', kept, now)
    for secret in (old, new):
        assert verified(secret, headers, '{"a": 1}') == {"a": 1}
    for secret, body in ((other, '{"a": 1}'), (new, '{"a": 2}')):
        with pytest.raises(WebhookVerificationError):
            verified(secret, headers, body)
    later = signed("m1", "{}", kept, now + timedelta(hours=1))
    assert len(later["webhook-signature"].split()) == 1
    assert headers["webhook-id"] == later["webhook-id"] == "m1"


def test_a_secret_is_as_standard_webhooks_has_it() -> None:
    one, another = new_secret(), new_secret()
    assert one != another
    prefix, _, key = one.partition("_")
    assert (prefix, len(base64.b64decode(key))) == ("whsec", 32)


def test_the_body_is_the_event_as_it_was_published() -> None:
    data = '{"coalition":"europe","text":"Ünïcode \\u2028","n":1.0}'
    kept = Kept(
        id="abc",
        recorded=BEGIN,
        type="coalition.membership.CitySigned.v1",
        about="de-city-bonn",
        place="2016",
        by="urn:city",
        data=data,
        attributes={"time": "2026-01-01T12:00:00.123456+00:00", "sequence": "7", "causeid": "x"},
    )
    assert traced(kept) == {}
    assert traced(kept.model_copy(update={"attributes": {"traceparent": "no context"}})) == {}
    body = structured(kept)
    assert data in body
    envelope = cloudevents.from_document(json.loads(body))
    assert (envelope.id, envelope.source) == ("abc", "/coalition/membership")
    assert envelope.type == "coalition.membership.CitySigned.v1"
    assert json.loads(envelope.data) == json.loads(data)
    assert dict(envelope.extensions) == {
        "subject": "de-city-bonn",
        "time": "2026-01-01T12:00:00.123456+00:00",
        "dataschema": "urn:coalition:coalition.membership.CitySigned.v1",
        "causesource": "urn:city",
        "causeid": "x",
        "sequence": "7",
    }
