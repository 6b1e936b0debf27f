"""Who calls over HTTP: by the one token of a small installation, a file of tokens, or OIDC."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared.access.oidc import Issuer
from shared.access.scopes import Caller, Scope
from shared.access.tokens import TokenFile

if TYPE_CHECKING:
    from shared.settings import Settings

OPERATOR: Final = Caller("operator", frozenset(Scope))
"""Whoever has the one token of the settings, and may do everything."""
_MAX_TOKEN: Final = 8 * 1024
"""Characters of a token at most; OIDC's with many claims have 2,000."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Finds out who calls.

    Attributes:
        service: at which they call.
        token: of the operator; None is no such token.
        file: the tokens of others; None is none.
        issuer: whose tokens are taken besides; None is nobody's.
    """

    service: str
    token: str | None = None
    file: TokenFile | None = None
    issuer: Issuer | None = None

    @classmethod
    def of(cls, service: str, settings: Settings) -> Callers:
        """As the settings say."""
        issuer = None
        if settings.oidc_issuer and settings.oidc_audience:
            issuer = Issuer(settings.oidc_issuer, settings.oidc_audience)
        return cls(
            service,
            settings.token.get_secret_value() if settings.token else None,
            TokenFile(settings.tokens_file) if settings.tokens_file else None,
            issuer,
        )

    def __bool__(self) -> bool:
        """Whether anybody can call at all."""
        return bool(self.token or self.file or self.issuer)

    async def find(self, token: str) -> Caller | None:
        """Whose a token is; None where it is nobody's.

        Raises:
            IssuerAway: it may be one of the issuer, which does not answer.
        """
        if not token or len(token) > _MAX_TOKEN:
            return None
        if self.token and hmac.compare_digest(token.encode(), self.token.encode()):
            return OPERATOR
        if self.file and (caller := self.file.tokens.find(token, self.service)):
            return caller
        if self.issuer and token.count(".") == 2:  # noqa: PLR2004 - a JWT has three parts
            return await self.issuer.caller(token)
        return None
