"""Messages that come to the address for bounces, as mail servers and people write them."""

from __future__ import annotations

from typing import Final

from services.notifications.verp import Returns

RETURNS: Final = Returns("bounces@coalition.example", ("k" * 40,))
WHOSE: Final = "0b9a3a3c-5f3e-4b7e-9a53-2f1f7d6f3c11"


def report(
    status: str, number: int = 1, *, to: str = "", more: bytes = b"", times: int = 1
) -> bytes:
    """A report of RFC 3464, by a code.

    Args:
        status: of RFC 3463.
        number: tells messages apart.
        to: where it came; else to the address of `WHOSE`.
        more: so many times, what came back besides its header.
    """
    head = f"""Return-Path: <>
To: {to or RETURNS.of(WHOSE)}
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail {number}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; nour@example.org
Action: failed
Status: {status}

--x
Content-Type: message/rfc822

From: coalition@example.org
To: nour@example.org

"""
    return head.replace("\n", "\r\n").encode() + more * times + b"\r\n--x--\r\n"


def automatic_reply() -> bytes:
    """Somebody is away."""
    head = f"To: {RETURNS.of(WHOSE)}\r\nFrom: nour@example.org\r\nAuto-Submitted: auto-replied\r\n"
    return f"{head}Subject: Away\r\n\r\nBack on Monday.\r\n".encode()


def letter() -> bytes:
    """Somebody writes."""
    head = f"To: {RETURNS.of(WHOSE)}\r\nFrom: nour@example.org\r\n"
    return f"{head}Subject: Thanks\r\n\r\nGood to know.\r\n".encode()
