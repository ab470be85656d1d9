"""OAuth 2 client credentials with a signed assertion, as LTI Advantage asks for them (1EdTech Security Framework 1.0).

The tool proves who it is by a JWT signed with its own key (RS256); the platform answers with a token for a while.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sync_worker.errors import ConfigError, SourceError
from sync_worker.rosters.web.credentials import read_secret_file
from sync_worker.rosters.web.session import SourceSession
from sync_worker.rosters.web.shapes import record_of

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.config.http_rosters import NrpsRosterSettings
    from sync_worker.rosters.web.session import Pace

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 60
SKEW = 5
SPARE = 30
MIN_BITS = 2048
MAKE_KEY = "Make one with: openssl genrsa -out lti-key.pem 2048"
ADVICE = {
    400: "The platform does not accept the assertion: check client_id, key_id, audience, the public key registered "
    "there, and this machine's clock.",
    401: "The platform does not know this client or key: check client_id, key_id and the public key registered there.",
    403: "Allow the tool to use Names and Role Provisioning Services.",
    404: "Check token_url.",
}


class AccessToken:
    """Fetches a token when one is needed and keeps it while it holds.

    Args:
        settings: who we are and which server to ask.
        pace: gives the time; waits for nothing, as the call is never repeated (an assertion counts once).

    """

    def __init__(self, settings: NrpsRosterSettings, pace: Pace) -> None:
        self._settings = settings
        self._pace = pace
        self._key = _read_key(settings.key_file)
        self._token: str | None = None
        self._until = 0.0
        timeouts = (settings.connect_timeout, settings.read_timeout)
        self._session = SourceSession(dict, advice=ADVICE, timeouts=timeouts, pace=pace)

    def __repr__(self) -> str:
        return f"<AccessToken of {self._settings.client_id}>"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def current(self) -> str:
        """Return a token that holds. Calls: 1, or none where one is kept.

        Raises:
            SourceError: the platform gives none.

        """
        if self._token is None or self._pace.clock() >= self._until:
            self._token, seconds = self._fetch()
            self._until = self._pace.clock() + seconds - SPARE
        return self._token

    def forget(self) -> None:
        """Forget a token that the platform no longer accepts."""
        self._token = None

    def _fetch(self) -> tuple[str, float]:
        assertion = self._assertion()
        self._session.keep_secret(assertion)
        body = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": SCOPE,
        }
        answer = self._session.ask("POST", self._settings.token_url, harmless=False, data=body)
        told = record_of(answer, "a token's description")
        token, seconds, scope = told.get("access_token"), told.get("expires_in", 3600), told.get("scope")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token:
            raise SourceError("the platform gave no token that can be sent.", where=answer.where, do="Check token_url.")
        if str(told.get("token_type", "Bearer")).lower() != "bearer":
            raise SourceError("the platform gave a token that is no bearer token.", where=answer.where)
        if isinstance(scope, str) and scope and SCOPE not in scope.split():
            raise SourceError(
                "the token may not read members.", where=answer.where, do=f"Allow the tool the scope {SCOPE}."
            )
        good = isinstance(seconds, int | float) and seconds > 0
        return token, float(seconds) if good else float(SPARE)

    def _assertion(self) -> str:
        now = int(self._pace.clock())
        settings = self._settings
        claims = {
            "iss": settings.client_id,
            "sub": settings.client_id,
            "aud": settings.audience or settings.token_url,
            "iat": now - SKEW,
            "exp": now + LIFETIME,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": settings.key_id})


def _read_key(file: Path) -> RSAPrivateKey:
    """Return the private key in a PEM file.

    Raises:
        ConfigError: it cannot be read, is no RSA key, is protected by a password, or too short.

    """
    content = read_secret_file(file, MAKE_KEY)
    try:
        key = load_pem_private_key(content.encode(), password=None)
    except TypeError:
        raise ConfigError(
            "the key is protected by a password.", where=str(file), do="Store it without one, readable by the worker."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError("this is not a private key in PEM.", where=str(file), do=MAKE_KEY) from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError("LTI Advantage signs with RSA; this is another kind of key.", where=str(file), do=MAKE_KEY)
    if key.key_size < MIN_BITS:
        raise ConfigError(f"the key has {key.key_size} bits, fewer than {MIN_BITS}.", where=str(file), do=MAKE_KEY)
    return key
