"""Who may write over HTTP."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shared.settings import Settings


def writer(settings: Settings) -> Callable[..., Awaitable[None]]:
    """The check that whoever writes has the bearer token."""

    async def check(
        given: Annotated[
            HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))
        ],
    ) -> None:
        if settings.token is None:
            raise Problem(HTTPStatus.FORBIDDEN, "writes are off: no token is configured")
        credentials = given.credentials if given else ""
        expected = settings.token.get_secret_value()
        if not secrets.compare_digest(credentials.encode(), expected.encode()):
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "a valid bearer token is needed",
                {"WWW-Authenticate": "Bearer"},
            )

    return check
