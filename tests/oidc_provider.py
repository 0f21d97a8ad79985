"""A provider of OpenID Connect on a port of this machine, with real keys; and ways for it to lie.

It signs everyone in as ``person`` without asking. It checks what a provider checks: client, secret, address
to come back to, PKCE, and that a code is used once.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from commerce_api.core.settings import Settings
from tests.console.conftest import ReadyServer

CLIENT_ID, CLIENT_SECRET = "shop-desk", "a secret of the desk's own"


def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})


@dataclass
class FakeProvider:
    """What it says: ``person`` are the claims of who signs in, ``lies`` replace claims of the ID token.

    ``forges`` signs by a key that it doesn't publish, ``signs_by_secret`` by the client's secret, and
    ``unsigned`` not at all; ``is_down`` answers 503 to everything.
    """

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    forges: bool = False
    signs_by_secret: bool = False
    unsigned: bool = False
    is_down: bool = False
    refuses: bool = False
    key: RSAKey = field(default_factory=_key)
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def settings(self, given: Settings, public_url: str | None = None) -> Settings:
        """The settings with this provider to sign in with."""
        secret = type(given.oidc_client_secret)(CLIENT_SECRET)
        update = {"oidc_issuer": self.url, "oidc_client_id": CLIENT_ID, "oidc_client_secret": secret}
        where = {"public_url": public_url} if public_url else {}
        return given.model_copy(update={**update, **where, "oidc_name": "Market ID"})

    def turn_key(self) -> None:
        """Signs by a new key from now on, and publishes that alone."""
        self.key = _key()

    def id_token(self, nonce: str) -> str:
        """The token for whoever has signed in."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {**claims, **self.person, **self.lies}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.unsigned:
            parts = ('{"alg":"none"}', json.dumps(claims))
            return ".".join(_base64(part.encode()) for part in parts) + "."
        if self.signs_by_secret:
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))
        key = _key() if self.forges else self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key)


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def create_app(provider: FakeProvider) -> FastAPI:
    """The provider's own web site."""
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def down(request: Request, call_next: Any) -> Any:
        if provider.is_down:
            return PlainTextResponse("later", 503)
        return await call_next(request)

    @app.get("/.well-known/openid-configuration")
    async def metadata() -> dict[str, Any]:
        url = provider.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **provider.metadata,
        }

    @app.get("/keys")
    async def keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    @app.get("/authorize")
    async def authorize(request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        provider.asked.append(asked)
        code = secrets.token_urlsafe()
        provider.codes[code] = asked
        said = {"error": "access_denied"} if provider.refuses else {"code": code}
        answer = urlencode({**said, "state": asked["state"], "iss": provider.url})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}")

    @app.post("/token")
    async def token(
        client: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())],
        grant_type: Annotated[str, Form()],
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
    ) -> dict[str, Any]:
        asked = provider.codes.pop(code, None)
        challenge = _base64(hashlib.sha256(code_verifier.encode()).digest())
        fits = (
            (client.username, client.password) == (CLIENT_ID, CLIENT_SECRET)
            and asked is not None
            and (asked["client_id"], asked["redirect_uri"]) == (CLIENT_ID, redirect_uri)
            and asked["code_challenge"] == challenge
            and grant_type == "authorization_code"
        )
        if asked is None or not fits:
            raise HTTPException(400, {"error": "invalid_grant"})
        given = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 300}
        return {**given, "id_token": provider.id_token(asked["nonce"])}

    return app


@asynccontextmanager
async def open_provider() -> AsyncIterator[FakeProvider]:
    """A provider, listening."""
    provider = FakeProvider()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        provider.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(create_app(provider), log_config=None, timeout_graceful_shutdown=1)
        server = ReadyServer(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await server.ready.wait()
        yield provider
        server.should_exit = True
        await running
