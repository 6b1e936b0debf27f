"""Who speaks over HTTP without an envelope: each caller is a source of its own."""

from __future__ import annotations

from urllib.parse import quote

from shared.pipeline.outbound import source_of


def source_of_caller(service: str, caller: str | None) -> str:
    """The CloudEvents source of what a caller says by `POST /events/{kind}`.

    An `Idempotency-Key` is the event's id, and an id counts within its source: two callers with
    the same key do not meet.

    Args:
        service: to whom it is said.
        caller: the caller's name, of at most 40 characters; None where all use one token, so that
            nobody knows who calls.
    """
    everybody = f"{source_of(service)}/http"
    return f"{everybody}/{quote(caller, safe='')}" if caller is not None else everybody
