"""When two identifiers are the same: addresses whatever their case, usernames as Discourse folds them, ids exactly.

Nothing is folded further than the forum itself does: `strasse@x.org` and `straße@x.org`, or an `ı` and an `i`, are two
mailboxes, and a person who can register the one must not become the other.
"""

from __future__ import annotations

import unicodedata

EMAIL, USERNAME, EXTERNAL_ID = "email", "username", "external_id"


def identifier_key(kind: str, value: str, *, ignore_plus: bool = False) -> str:
    """Return the form in which identifiers of a kind are compared.

    `ignore_plus` takes what follows a plus in the local part away from addresses. It is off unless an admin asks for
    it: the mail servers that do not drop it deliver `ann+b@x.org` to somebody else than `ann@x.org`.
    """
    text = unicodedata.normalize("NFC", value.strip())
    if kind == EXTERNAL_ID:
        return text
    text = unicodedata.normalize("NFC", text.lower())
    if kind != EMAIL or "@" not in text:
        return text
    local, _, domain = text.rpartition("@")
    if ignore_plus:
        local = local.partition("+")[0] or local
    return f"{local}@{_ascii(domain)}"


def spellings(email: str) -> frozenset[str]:
    """Return the forms in which a forum may hold an address: with an international domain as it is, or as ASCII."""
    text = unicodedata.normalize("NFC", email.strip()).lower()
    local, at, domain = text.rpartition("@")
    if not at:
        return frozenset({text})
    return frozenset({text, f"{local}@{_ascii(domain)}", f"{local}@{_unicode(domain)}"})


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _unicode(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    except UnicodeError:
        return domain
