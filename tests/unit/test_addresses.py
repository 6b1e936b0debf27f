"""Hosts, servers and mailboxes as people write them: taken in one form, or refused."""

from __future__ import annotations

import pytest

from shared import addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mailpit", "mailpit"),
        ("mail_server", "mail_server"),
        ("mail.example.org.", "mail.example.org"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[fe80::1%eth0]", "fe80::1%eth0"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("faß.example", "xn--fa-hia.example"),
    ],
)
def test_a_host_has_one_form_in_ascii(text: str, expected: str) -> None:
    assert addresses.host(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "a..b", ".a", "-a", "a b", "a\n", "http://a", "a:25", "[a]", "*.a", "a@b"),
        *("256.1.1.1", "1.2", "x" * 64, ".".join(["x" * 60] * 5), "☃.example", "a\x85b"),
        "\ud800.example",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host"):
        addresses.host(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kafka:9092", "kafka:9092"),
        ("a:9092, b:9093 ,c:1", "a:9092,b:9093,c:1"),
        ("[::1]:9092", "[::1]:9092"),
        ("bücher.example:9092", "xn--bcher-kva.example:9092"),
    ],
)
def test_servers_are_taken_with_commas_between(text: str, expected: str) -> None:
    assert addresses.servers(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("kafka", "server 1 is not host:port"),
        ("a:9092,", "server 2 is not host:port"),
        ("a:9092,b", "server 2 is not host:port"),
        ("a:0", "port from 1 to 65535"),
        ("a:65536", "port from 1 to 65535"),
        ("a:\uff19\uff10\uff19\uff12", "port from 1 to 65535"),
        ("a:-1", "port from 1 to 65535"),
        ("PLAINTEXT://a:9092", "server 1 has a scheme"),
        ("::1:9092", "IPv6 stands in brackets"),
        ("a b:9092", "server 1: neither the name of a host"),
    ],
)
def test_what_is_no_server_is_refused_by_its_place(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        addresses.servers(text)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("a@example.org", "", "a@example.org"),
        ("<a@example.org>", "", "a@example.org"),
        ("Coalition <a@example.org>", "Coalition", "a@example.org"),
        ("Cities, united <a@example.org>", "Cities, united", "a@example.org"),
        ('"Smith, \\"J\\"" <a@example.org>', 'Smith, "J"', "a@example.org"),
        ("ائتلاف المدن <a@example.org>", "ائتلاف المدن", "a@example.org"),
        ("a@köln.example", "", "a@xn--kln-sna.example"),
        ("=?utf-8?q?=0D=0ABcc:x?= <a@example.org>", "=?utf-8?q?=0D=0ABcc:x?=", "a@example.org"),
    ],
)
def test_a_mailbox_has_a_name_or_none_and_an_address_in_ascii(
    text: str, name: str, address: str
) -> None:
    assert addresses.mailbox(text) == (name, address)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the address is not valid"),
        ("Coalition", "the address is not valid"),
        ("Coalition a@example.org", "the address is not valid"),
        ("Coalition <a@example.org", "neither an e-mail address nor Name <address>"),
        ("Coalition <a@example.org> x", "neither an e-mail address nor Name <address>"),
        ("a@example.org, b@example.org", "the address is not valid"),
        ("jürgen@example.org", "is not ASCII"),
        ("a@example.org\r\nBcc: b@example.org", "the address is not valid"),
        ("Coali\ntion <a@example.org>", "line breaks"),
        ("Coali\x85tion <a@example.org>", "control characters"),
    ],
)
def test_what_is_no_mailbox_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        addresses.mailbox(text)
