"""A small, honest LTI Advantage platform: it verifies signed assertions, gives tokens that end, and pages members."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from flask import Flask, Response, jsonify, request

if TYPE_CHECKING:
    from tests.rosters.web.loopback import Loopback

TOKEN_PATH = "/login/oauth2/token"
MEMBERS_PATH = "/api/lti/courses/s27/names_and_roles"
CLIENT, KEY_ID = "10000000000001", "lcm-2027"
SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


@cache
def key(bits: int = 2048, which: int = 0) -> rsa.RSAPrivateKey:
    """Return an RSA key, the same one every time."""
    del which
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem(private: Any, password: str = "") -> bytes:
    """Return a key as it stands in a file."""
    lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))


def elliptic() -> bytes:
    """Return a key of another kind."""
    return pem(ec.generate_private_key(ec.SECP256R1()))


@dataclass
class Platform:
    """Courses with members, the tool's public key, and the tokens given out."""

    courses: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    scopes: tuple[str, ...] = (SCOPE,)
    tokens: set[str] = field(default_factory=set)
    assertions: set[str] = field(default_factory=set)
    given: int = 0
    expires_in: Any = 3600
    sees_names: bool = True
    shorter_pages: int = 0

    def app(self) -> Flask:
        """The platform as a WSGI application."""
        app = Flask(__name__)

        @app.post(TOKEN_PATH)
        def token() -> Any:
            return self.token()

        @app.get("/api/lti/courses/<course>/names_and_roles")
        def names_and_roles(course: str) -> Any:
            return self.names_and_roles(course)

        return app

    def token(self) -> Any:
        """Give a token for a good assertion, each of which counts once."""
        form = request.form
        if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION:
            return jsonify({"error": "unsupported_grant_type"}), 400
        try:
            header = jwt.get_unverified_header(form["client_assertion"])
            claims = jwt.decode(
                form["client_assertion"],
                key().public_key(),
                algorithms=["RS256"],
                audience=request.base_url,
                issuer=CLIENT,
                options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
            )
        except jwt.PyJWTError as error:
            return jsonify({"error": "invalid_client", "error_description": str(error)}), 400
        if header.get("kid") != KEY_ID or claims["sub"] != CLIENT or claims["jti"] in self.assertions:
            return jsonify(
                {"error": "invalid_client", "error_description": "unknown key, client or used assertion"}
            ), 400
        if claims["exp"] - claims["iat"] > 3600:
            return jsonify({"error": "invalid_client", "error_description": "the assertion lives too long"}), 400
        self.assertions.add(claims["jti"])
        granted = [scope for scope in form.get("scope", "").split() if scope in self.scopes]
        made = f"lti-token-{secrets.token_hex(8)}"
        self.tokens.add(made)
        self.given += 1
        told = {"access_token": made, "token_type": "Bearer", "expires_in": self.expires_in, "scope": " ".join(granted)}
        return jsonify(told)

    def names_and_roles(self, course: str) -> Any:
        """Give a page of members to a bearer of a token."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            return jsonify({"errors": {"type": "unauthorized", "message": "Invalid access token"}}), 401
        if SCOPE not in self.scopes:
            return jsonify({"errors": {"type": "unauthorized", "message": "Insufficient permissions"}}), 403
        if course not in self.courses:
            return jsonify({"errors": {"type": "not_found", "message": "Context not found"}}), 404
        if request.headers.get("Accept") != MEDIA_TYPE:
            return jsonify({"errors": {"message": "not acceptable"}}), 406
        return self.page(course)

    def page(self, course: str) -> Response:
        """Return one page; some platforms cut it shorter than asked for."""
        start = int(request.args.get("from", 0))
        size = max(1, int(request.args.get("limit", 50)) - self.shorter_pages)
        shown = self.members[course][start : start + size]
        hidden = () if self.sees_names else ("name", "given_name", "family_name", "email")
        told = [{name: value for name, value in member.items() if name not in hidden} for member in shown]
        response = jsonify({"id": request.base_url, "context": {"id": course, **self.courses[course]}, "members": told})
        response.headers["Content-Type"] = MEDIA_TYPE
        if start + size < len(self.members[course]):
            following = f"{request.base_url}?limit={request.args.get('limit', 50)}&from={start + size}"
            response.headers["Link"] = f'<{following}>; rel="next"'
        return response


def member(number: int, name: str, *roles: str, **more: Any) -> dict[str, Any]:
    """Return a member as NRPS describes one; roles are the names of those in the course."""
    given, _, family = name.partition(" ")
    return {
        "user_id": f"u-{number}",
        "roles": [f"{MEMBERSHIP}#{role}" for role in roles],
        "status": "Active",
        "name": name,
        "given_name": given,
        "family_name": family,
        "email": f"{given.lower()}@example.org",
        "lis_person_sourcedid": f"E{number}",
    } | more


def platform() -> Platform:
    """Return a platform with two courses and the five people whose accounts the forum has."""
    return Platform(
        courses={"s27": {"label": "LEAD", "title": "Leading"}, "a27": {"label": "TEACH", "title": "Teaching"}},
        members={
            "s27": [
                member(1, "Marta Lopes", "Instructor"),
                member(2, "Ines Duarte", "Learner"),
                member(3, "Tomas Reis", "Learner"),
            ],
            "a27": [member(4, "Ana Neves", "Learner"), member(5, "Ben Costa", "Learner")],
        },
    )


def context(server: Loopback, course: str, cohort: str, **more: str) -> dict[str, str]:
    """Return a course as lcm.yaml names it."""
    return {"url": f"{server.url}/api/lti/courses/{course}/names_and_roles", "cohort": cohort, **more}
