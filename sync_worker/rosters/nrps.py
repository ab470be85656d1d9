"""LTI Advantage Names and Role Provisioning Services 2.0 -> a roster. Each configured context is a cohort.

Calls: one for the token, and for each context one for every page of members.
"""

from __future__ import annotations

import re
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sync_worker.errors import ConfigError, SourceError
from sync_worker.model import Role, fold
from sync_worker.rosters import web_session
from sync_worker.rosters.row import FoundCohort, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.web_answers import Place, Places, identifier, linked_pages, record_of, records_of, text
from sync_worker.rosters.web_session import RefusedCallError, SourceSession, read_secret_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sync_worker.config.sources import NrpsContext, NrpsRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts, Meaning
    from sync_worker.rosters.web_answers import Answer, Params
    from sync_worker.rosters.web_session import Pace


MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership"
WORDS: dict[str, Meaning] = {
    "Learner": Role.LEARNER,
    "Instructor": Role.LCM,
    "TeachingAssistant": Role.FACILITATOR,
    "Mentor": "ignore",
    "ContentDeveloper": "ignore",
    "Administrator": "ignore",
    "Manager": "ignore",
    "Officer": "ignore",
    "Member": "ignore",
}
TEST_USER = "TestUser"
ASSISTANT, ASSISTED = "teachingassistant", "instructor"
STATUSES = {"active": True, "inactive": False, "deleted": False}
ADVICE = {
    401: "The platform no longer accepts the token: check that the tool is still registered and on.",
    403: "Allow the tool to read members in this course (Names and Role Provisioning Services).",
    404: "Launch the tool in the course again and copy context_memberships_url from the launch.",
}


def read_nrps_roster(
    settings: NrpsRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster of the configured contexts.

    Raises:
        ConfigError: the key cannot be used.
        SourceError: the platform did not answer in full.
        RosterError: no row can be used.

    """
    del environment
    members = _Members(settings)
    found: list[FoundCohort] = []
    with closing(NrpsClient(settings)) as client:
        for context in settings.contexts:
            found.append(members.take_context(context, client))
    rows = [*[None] * members.test_users, *members.places.rows(found, members.cells)]
    return build_roster(
        settings,
        settings.nrps,
        rows,
        known,
        now=now,
        found=found,
        words=WORDS,
        empty="no one is in the courses that lcm.yaml names.",
    )


class NrpsClient:
    """Reads pages of members, with a token that is renewed once where it is refused."""

    def __init__(self, settings: NrpsRosterSettings) -> None:
        self._token = AccessToken(settings, web_session.PACE)
        timeouts = (settings.connect_timeout, settings.read_timeout)
        self._session = SourceSession(self._headers, advice=ADVICE, timeouts=timeouts)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._token.close()

    def _headers(self) -> dict[str, str]:
        token = self._token.current()
        self._session.keep_secret(token)
        return {"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE}

    def page(self, url: str, params: Params) -> Answer:
        """Return one page. Calls: 1, and 2 more where the token has ended before its time."""
        try:
            return self._session.get(url, params)
        except RefusedCallError as error:
            if error.status != 401:
                raise
        self._token.forget()
        return self._session.get(url, params)

    def pages(self, url: str, size: int) -> Iterator[Answer]:
        """Yield every page of members."""
        return linked_pages(self.page, url, [("limit", str(size))])


@dataclass(slots=True)
class _Members:
    """The members of all contexts: what each says about a person, and the places of all."""

    settings: NrpsRosterSettings
    records: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    test_users: int = 0
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.settings, WORDS)

    def take_context(self, context: NrpsContext, client: NrpsClient) -> FoundCohort:
        """Read a context to its end; the same person on two pages counts once."""
        cohort: FoundCohort | None = None
        for answer in client.pages(context.url, self.settings.page_size):
            page_cohort, members = _container(answer, context)
            cohort = cohort or page_cohort
            if page_cohort.written != cohort.written:
                raise SourceError(
                    f"a page is about another course ('{page_cohort.name or page_cohort.written}').",
                    where=answer.where,
                    do="Nothing was taken; try again.",
                )
            for member in members:
                self._take_member(cohort, member, answer.where)
        if cohort is None:
            raise SourceError("the platform gave no page.", where=context.url)
        return cohort

    def _take_member(self, cohort: FoundCohort, member: Mapping[str, Any], where: str) -> None:
        if _is_test_user(member):
            self.test_users += 1
            return
        person = identifier(member, "user_id", f"a member of '{cohort.name or cohort.written}'", where)
        place = f"nrps {cohort.written}, member {person}"
        known = self.records.get(person, {})
        # What a course shares with the tool may differ from course to course.
        self.records[person] = dict(member) | {key: value for key, value in known.items() if value}
        try:
            _refuse_two_addresses(known, member)
            self.places.add(Place(place, cohort.written, person, roles=_role_words(member), active=_is_active(member)))
        except RowError as error:
            self.places.reject(place, cohort.written, person, error)

    def cells(self, person: str) -> dict[str, str]:
        """Return what identifies and names a person."""
        member = self.records[person]
        external_id = text(member, self.settings.external_id)
        if not external_id and self.settings.external_id != "user_id" and not text(member, "email"):
            raise RowError(
                "the platform gives neither lis_person_sourcedid nor an e-mail.",
                do="Share one with the tool, or set external_id: user_id.",
            )
        return {
            "external_id": external_id,
            "email": text(member, "email"),
            "name": text(member, "name"),
            "first_name": text(member, "given_name"),
            "last_name": text(member, "family_name"),
        }


def _refuse_two_addresses(known: Mapping[str, Any], member: Mapping[str, Any]) -> None:
    if text(known, "email") and text(member, "email") not in ("", text(known, "email")):
        raise RowError("the platform gives two e-mail addresses.", do="Correct the account there.")


def _container(answer: Answer, context: NrpsContext) -> tuple[FoundCohort, list[Mapping[str, Any]]]:
    container = record_of(answer, "a membership container")
    told = container.get("context")
    if not isinstance(told, dict):
        raise SourceError(
            "the answer names no course.", where=answer.where, do="Is this a context_memberships_url of version 2.0?"
        )
    course = identifier(told, "id", "the course", answer.where)
    if context.context_id is not None and course != context.context_id:
        raise SourceError(
            f"the answer is about the course '{course}', not '{context.context_id}'.",
            where=answer.where,
            do="Correct the url or the context_id in lcm.yaml.",
        )
    try:
        name = text(told, "title") or text(told, "label")
    except RowError as error:
        raise SourceError(f"the course: {error.what}", where=answer.where, do=error.do) from None
    members = records_of(container.get("members"), "members", answer.where)
    return FoundCohort(context.cohort or course, name, where=answer.where), members


def _is_test_user(member: Mapping[str, Any]) -> bool:
    """Whether the member is nobody: the account by which teachers see a course as students do (LTI 1.3, A.2.1)."""
    roles = member.get("roles")
    listed = roles.split(",") if isinstance(roles, str) else roles if isinstance(roles, list) else []
    return any(isinstance(role, str) and role.strip().rpartition("#")[2] == TEST_USER for role in listed)


def _role_words(member: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the roles in the course as short words; others (institution, system) only where there is none.

    A role is a URI such as `http://purl.imsglobal.org/vocab/lis/v2/membership#Learner`, one with a sub-role such as
    `.../membership/Instructor#TeachingAssistant`, or a short form such as `Learner`. Canvas gives an assistant the
    sub-role and the plain role beside it: then the sub-role counts, which says more.
    """
    roles = member.get("roles")
    if isinstance(roles, str):
        roles = roles.split(",")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise RowError("roles is not a list of texts.", do="Correct it on the platform.")
    in_course = [role.strip() for role in roles if role.startswith(CONTEXT_ROLE) or "/" not in role]
    short = [role.rpartition("#")[2] if role.startswith(CONTEXT_ROLE) else role for role in in_course]
    if not short and not roles:
        return ()
    if ASSISTANT in map(fold, short):
        short = [role for role in short if fold(role) != ASSISTED]
    return tuple(short) or tuple(role.removeprefix("http://purl.imsglobal.org/vocab/lis/v2/") for role in roles)


def _is_active(member: Mapping[str, Any]) -> bool:
    """Return whether the member takes part; a platform that gives no status lists only those who do.

    The word may have the vocabulary before it: `liss:Active`, `http://purl.imsglobal.org/.../status#Active`.

    Raises:
        RowError: the status is none of the standard's.

    """
    written = text(member, "status") or "Active"
    try:
        return STATUSES[re.split("[#:]", written)[-1].lower()]
    except KeyError:
        raise RowError(
            f"the status '{written}' is not known.", do="NRPS has Active, Inactive and Deleted; report it."
        ) from None


# OAuth 2 client credentials with a signed assertion, as LTI Advantage asks for them (1EdTech Security Framework 1.0).
# The tool proves who it is by a JWT signed with its own key (RS256); the platform answers with a token for a while.


SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 60
SKEW = 5
SPARE = 30
MIN_BITS = 2048
MAKE_KEY = "Make one with: openssl genrsa -out lti-key.pem 2048"
TOKEN_ADVICE = {
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
        self._session = SourceSession(dict, advice=TOKEN_ADVICE, timeouts=timeouts, pace=pace)

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
