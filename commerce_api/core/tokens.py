"""Who a request is from: a person with a bearer JWT, or the bot side with the service token.

JWTs are HS256 alone, under a key derived from ``SECRETS_KEY``; issuer, audience, subject and expiry are all
required. They carry no rights: those are read from the database on every request.
"""

import hmac
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi.requests import HTTPConnection
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from commerce_api.core.errors import AppError
from commerce_api.core.secrets import derive
from commerce_api.core.settings import Settings

ALGORITHM = "HS256"
ISSUER = "conversational-commerce"
AUDIENCE = "commerce-api"
LIFETIME = timedelta(hours=12)
LONGEST_TOKEN = 4096


class Unauthenticated(AppError):
    """No bearer token, or one that is forged, expired, or meant for something else."""

    status = 401
    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("Sign in at /api/v1/auth/token and send the token as `Authorization: Bearer …`.")
        self.headers = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True)
class Principal:
    """Who the verified token of a request names: a user, or (``user_id`` None) the bot side."""

    user_id: UUID | None

    @property
    def name(self) -> str:
        """``user:<id>`` or ``service``."""
        return f"user:{self.user_id}" if self.user_id else "service"


@dataclass(frozen=True)
class Claims:
    """Whom a verified token was issued to, and when, in seconds with their fraction."""

    user_id: UUID
    issued_at: float

    def is_before(self, moment: datetime | None) -> bool:
        """Whether it was issued before ``moment``; False for None."""
        return moment is not None and self.issued_at < moment.timestamp()


class Tokens:
    """Issues and reads tokens under one process's keys."""

    def __init__(self, settings: Settings) -> None:
        self._key = OctKey.import_key(derive(settings.master_key, "access tokens v1"))
        self._service_token = settings.service_token.get_secret_value().encode()

    def issue(self, user_id: UUID, now: datetime) -> str:
        """A JWT for the user, good for ``LIFETIME`` from ``now``."""
        # With its fraction: a token of the very second in which its person signs out everywhere ends too.
        issued = now.timestamp()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "iat": issued,
            "exp": int(issued + LIFETIME.total_seconds()),
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])

    def read(self, token: str, now: datetime) -> Claims:
        """Whom a token was issued to. Raises Unauthenticated."""
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated
        required = jwt.JWTClaimsRegistry(
            now=math.ceil(now.timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            required.validate(claims)
            return Claims(UUID(claims["sub"]), float(claims["iat"]))
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise Unauthenticated from error

    def is_service(self, token: str) -> bool:
        """Whether this is the bot side's token; compared in constant time."""
        return hmac.compare_digest(token.encode(errors="surrogateescape"), self._service_token)

    def principal(self, token: str | None, now: datetime) -> Principal | None:
        """Whom a token names, or None when it names nobody."""
        if token is None:
            return None
        if self.is_service(token):
            return Principal(None)
        try:
            return Principal(self.read(token, now).user_id)
        except Unauthenticated:
            return None


def bearer_token(request: HTTPConnection) -> str | None:
    """The token of the ``Authorization: Bearer`` header, if there is one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def of(request: HTTPConnection) -> Tokens:
    """The tokens of the application that serves the request, or the WebSocket."""
    tokens: Tokens = request.app.state.tokens
    return tokens
