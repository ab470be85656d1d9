"""What Excel shows of a whole number in a format: `"E"0000` shows 42 as E0042.

Only formats that put digits, zeros and fixed text beside each other are understood (ECMA-376 part 1, 18.8.31).
"""

from __future__ import annotations

import re

TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|(\[[^\]]*\])|([0#?])|(General)|(.)', re.IGNORECASE | re.DOTALL)
PLAIN_SIGNS = frozenset(" -+/():$€£.,&'~{}=<>!^|°#")
CONDITION = re.compile(r"\[(?:[<>=]|\$[^\]-]+)")


def shown_number(number: int, number_format: str) -> str | None:
    """Return what Excel shows of a whole number, without the marks between thousands; None where that is not known."""
    section = _section(number, number_format)
    if section is None:
        return None
    if section.strip().casefold() in ("general", "@", ""):
        return str(number)
    parts: list[str | None] = []  # a fixed text, or None for a place of a digit
    zeros = 0
    for token in _tokens(section):
        if token is None:
            return None
        kind, text = token
        if kind == "digit":
            parts.append(None)
            zeros = zeros + 1 if text == "0" or zeros else 0
        elif kind == "general":
            return _with_texts(parts, str(abs(number)), section)
        elif text:
            parts.append(text)
    if None not in parts:
        return None  # a text alone, whatever the number is
    return ("-" if number < 0 and ";" not in number_format else "") + _filled(parts, str(abs(number)), zeros)


def _section(number: int, number_format: str) -> str | None:
    """Return the section of the format that is for the number; None where conditions choose it."""
    if CONDITION.search(number_format):
        return None
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    if number < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


def _tokens(section: str) -> list[tuple[str, str] | None]:
    """Return the parts of a section in order; None for one whose meaning is not known."""
    whole = _without_decimals(section)
    if whole is None:
        return [None]
    found: list[tuple[str, str] | None] = []
    for match in TOKEN.finditer(whole):
        quoted, escaped, bracket, digit, general, sign = match.groups()
        if quoted is not None or escaped is not None:
            found.append(("text", quoted if quoted is not None else escaped))
        elif digit:
            found.append(("digit", digit))
        elif general:
            found.append(("general", ""))
        elif sign == "," or bracket:
            continue  # the mark between thousands, a colour
        elif sign is not None:
            found.append(("text", sign) if sign in PLAIN_SIGNS else None)
    return found


def _without_decimals(section: str) -> str | None:
    """Return a section without its decimals, which a whole number has none of; None where it scales the number."""
    plain = re.sub(r'"[^"]*"|\\.', lambda found: "\x00" * len(found[0]), section)
    if re.search(r"%|E[+-]|[0#?],+(?![0#?,])|[0#?]\s*/|/\s*[0#?]", plain, re.IGNORECASE):
        return None
    point = re.search(r"(?<=[0#?])\.[0#?]*", plain)
    return section[: point.start()] + section[point.end() :] if point else section


def _filled(parts: list[str | None], digits: str, zeros: int) -> str:
    """Return the fixed texts with the digits in their places, from the right; the first takes all that is left."""
    digits = digits.zfill(zeros)
    if digits == "0" and zeros == 0:
        digits = ""
    shown: list[str] = []
    places = sum(part is None for part in parts)
    for part in reversed(parts):
        if part is not None:
            shown.append(part)
            continue
        places -= 1
        if places == 0:
            shown.append(digits)
            digits = ""
        else:
            shown.append(digits[-1:])
            digits = digits[:-1]
    return "".join(reversed(shown)).strip()


def _with_texts(parts: list[str | None], digits: str, section: str) -> str | None:
    """Return `"E"General`: the texts before, then the number; None where more follows."""
    if not section.casefold().rstrip().endswith("general"):
        return None
    return "".join(part or "" for part in parts) + digits
