"""Signing in with a provider of OpenID Connect: the authorization code flow with PKCE, state and nonce.

Whatever the provider sends is checked before anything is made of it: its metadata against the issuer of the
settings, the ID token's signature against its published keys, and issuer, audience, times and nonce
(OpenID Connect Core 1.0, section 3.1.3.7).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from commerce_api.core.errors import AppError
from commerce_api.core.settings import Settings

log = structlog.get_logger(__name__)

SCOPE = "openid email profile"
# Never one that goes by the client's secret, and never none.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# What is cached is asked for again after this; unknown keys sooner, but not at every forged token.
CACHED = timedelta(hours=1)
KEYS_CACHED = timedelta(minutes=1)
LEEWAY_SECONDS = 60
LONGEST_TOKEN = 16_384
LARGEST_ANSWER = 256 * 1024


class ProviderAway(AppError):
    """The provider can't be reached, or answers what no provider should."""

    status = 503
    code = "provider_away"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("The service you sign in with can't be reached just now. Try again in a moment.")


class ProviderRefused(AppError):
    """The provider does not vouch for the person, or its word does not hold."""

    status = 403
    code = "provider_refused"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("The service you sign in with did not confirm who you are. Sign in again.")


@dataclass(frozen=True)
class Identity:
    """Who a provider says somebody is. ``subject`` never changes at an ``issuer``; all else may.

    ``email`` is in lower case, and None unless the provider says that it is verified.
    """

    issuer: str
    subject: str
    email: str | None
    name: str | None


@dataclass(frozen=True)
class Metadata:
    """What the provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    auth_method: str


class Provider:
    """The provider of the settings, as one process knows it."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._redirect_uri = f"{settings.public_url.rstrip('/')}/console/sign-in/provider/callback"
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    async def address(
        self, http: httpx.AsyncClient, *, state: str, nonce: str, verifier: str, now: datetime
    ) -> str:
        """Where the browser goes to sign in. Raises ProviderAway."""
        metadata = await self._known(http, now)
        address: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
            code_challenge_method="S256",
        )
        return address

    async def identify(
        self, http: httpx.AsyncClient, *, code: str, verifier: str, nonce: str, now: datetime
    ) -> Identity:
        """Who came back with the code. Raises ProviderAway, and ProviderRefused."""
        metadata = await self._known(http, now)
        answer = await self._exchange(http, metadata, code, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise _refused("no ID token")
        claims = await self._verified(http, metadata, token, nonce, now)
        said = claims.get("email_verified")
        # Some providers say it in words.
        email = claims.get("email") if said is True or said == "true" else None
        name = claims.get("name")
        return Identity(
            metadata.issuer,
            claims["sub"],
            email.strip().lower() if isinstance(email, str) else None,
            name.strip() if isinstance(name, str) else None,
        )

    def is_issuer(self, issuer: str) -> bool:
        """Whether an answer that names its issuer (RFC 9207) is this provider's."""
        return issuer.rstrip("/") == self._issuer.rstrip("/")

    async def _exchange(
        self, http: httpx.AsyncClient, metadata: Metadata, code: str, verifier: str
    ) -> dict[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        auth = ClientAuth(self._client_id, self._secret, metadata.auth_method)
        address, headers, body = auth.prepare("POST", metadata.token_endpoint, headers, body)  # type: ignore[no-untyped-call]
        try:
            answer = await http.post(address, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise _away(type(error).__name__) from error
        if answer.status_code >= 500:
            raise _away(f"token endpoint: {answer.status_code}")
        if answer.status_code != 200:
            raise _refused(f"token endpoint: {answer.status_code}")
        return _mapping(answer)

    async def _verified(
        self, http: httpx.AsyncClient, metadata: Metadata, token: str, nonce: str, now: datetime
    ) -> dict[str, Any]:
        required = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": metadata.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = (await self._decoded(http, metadata, token, now)).claims
            required.validate(claims)
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise _refused(f"ID token: {type(error).__name__}") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client_id) != self._client_id:
            raise _refused("ID token: made for another")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise _refused("ID token: no subject")
        return claims

    async def _decoded(
        self, http: httpx.AsyncClient, metadata: Metadata, token: str, now: datetime
    ) -> jwt.Token:
        keys, fetched = await self._known_keys(http, metadata, now, CACHED)
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            if now - fetched < KEYS_CACHED:
                raise
        # It may be signed by a key that is newer than what we know.
        keys, _ = await self._known_keys(http, metadata, now, KEYS_CACHED)
        return jwt.decode(token, keys, algorithms=ALGORITHMS)

    async def _known(self, http: httpx.AsyncClient, now: datetime) -> Metadata:
        if self._metadata is None or now - self._metadata[1] > CACHED:
            found = await _fetch(http, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            self._metadata = _read_metadata(found, self._issuer), now
        return self._metadata[0]

    async def _known_keys(
        self, http: httpx.AsyncClient, metadata: Metadata, now: datetime, cached: timedelta
    ) -> tuple[KeySet, datetime]:
        if self._keys is None or now - self._keys[1] >= cached:
            found = await _fetch(http, metadata.jwks_uri)
            self._keys = _read_keys(found), now
        return self._keys


def _read_metadata(found: dict[str, Any], issuer: str) -> Metadata:
    named = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    values = {name: found.get(name) for name in named}
    scheme = issuer.partition("://")[0]
    if not all(isinstance(value, str) and value.startswith(f"{scheme}://") for value in values.values()):
        raise _away("metadata: addresses are missing")
    if str(values["issuer"]).rstrip("/") != issuer.rstrip("/"):
        raise _away("metadata: of another issuer")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
    return Metadata(**{name: str(value) for name, value in values.items()}, auth_method=method)


def _read_keys(found: dict[str, Any]) -> KeySet:
    keys = found.get("keys")
    for_signing = [
        key
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": for_signing})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _away("keys: unreadable") from error


async def _fetch(http: httpx.AsyncClient, address: str) -> dict[str, Any]:
    try:
        answer = await http.get(address, headers={"Accept": "application/json"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _away(type(error).__name__) from error
    if answer.status_code != 200:
        raise _away(f"{answer.status_code}")
    return _mapping(answer)


def _mapping(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _away("no JSON object")
    return found


def _away(reason: str) -> ProviderAway:
    log.warning("provider_away", reason=reason)
    return ProviderAway()


def _refused(reason: str) -> ProviderRefused:
    log.warning("provider_refused", reason=reason)
    return ProviderRefused()
