"""Files of sources: whether they may be read, archives that others made, and which encoding their bytes are in.

Only the calls of a file itself are watched. A fault in the code that reads it stays what it is.
"""

from __future__ import annotations

import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import IO, TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.rosters.row import MEGABYTE, too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from sync_worker.config.rosters import FileSource


# What `zipfile` raises when it opens a damaged archive, or a file in it.
NO_ARCHIVE = (
    zipfile.BadZipFile,  # a wrong header, list of contents, or checksum
    NotImplementedError,  # an unknown version or way of packing; patched data; strong encryption
    UnicodeDecodeError,  # a file name that is marked as UTF-8 and is not UTF-8
    ValueError,  # a file that begins before the archive, where the archive is not read from a disk
)
# What it raises while it reads a file in the archive.
DAMAGED = (
    *NO_ARCHIVE,
    EOFError,  # the packed bytes end too early
    zlib.error,  # deflate: wrong bytes
    lzma.LZMAError,  # LZMA: wrong bytes
    OSError,  # bzip2: wrong bytes; a file that begins before the archive on a disk; the disk itself
)


def refuse_old(settings: FileSource, written: datetime, where: str, now: datetime) -> None:
    """Refuse what was written longer ago than the settings allow.

    Raises:
        RosterError: with the day on which it was written.

    """
    if settings.max_age_days is not None and now - written > timedelta(days=settings.max_age_days):
        raise RosterError(
            f"written on {written:%Y-%m-%d}, older than {settings.max_age_days} days.",
            where=where,
            do="Export it again, or raise the roster's max_age_days in lcm.yaml.",
        )


def refuse_stale(settings: FileSource, path: Path, now: datetime) -> None:
    """Refuse a file that was written longer ago than the settings allow.

    Raises:
        RosterError: with the day on which it was written.

    """
    refuse_old(settings, datetime.fromtimestamp(path.stat().st_mtime, UTC), f"{path}:1", now)


class GuardedFile(io.BufferedIOBase):
    """A file opened for bytes, of a disk or of an archive.

    Args:
        opened: opens the file.
        refusal: returns the error to raise, with the place, for what the disk or the archive raised.

    Raises:
        RosterError: as `refusal` returns it, when the file is opened and at each read.

    """

    def __init__(self, opened: Callable[[], IO[bytes]], refusal: Callable[[Exception], RosterError]) -> None:
        self._refusal = refusal
        with self._watched():
            self._file = opened()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except DAMAGED as error:
            raise self._refusal(error) from None

    def readable(self) -> bool:
        """Return that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Return that the file can be read again from its start."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes, all that is left for a negative number."""
        with self._watched():
            return self._file.read(-1 if size is None else size)

    def read1(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; `TextIOWrapper` calls it."""
        return self.read(io.DEFAULT_BUFFER_SIZE if size < 0 else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file; return it."""
        with self._watched():
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()


def cause(error: Exception) -> str:
    """Return what a disk or an archive says went wrong, in at most 200 characters."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (said or type(error).__name__)[:200]


def refuse_no_file(path: Path, megabytes: int | None = None, *, shown: str = "the roster") -> None:
    """Refuse what is no ordinary file (a device or a pipe has no end), or one that is too large.

    Raises:
        RosterError: it is missing, unreadable, no file, or has more bytes than allowed.

    """
    try:
        told = path.stat()
    except FileNotFoundError:
        raise RosterError(
            f"{shown} does not exist.", where=str(path), do="Correct its path in the settings, or export it there."
        ) from None
    except OSError as error:
        raise RosterError(
            f"{shown} cannot be read: {error.strerror or error}.",
            where=str(path),
            do="Give the worker's user the right to read it.",
        ) from None
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no ordinary file"
        raise RosterError(f"{shown} is {kind}.", where=str(path), do="Name a file.")
    if megabytes is not None and told.st_size > megabytes * MEGABYTE:
        raise too_large("the file", megabytes, f"{path}:1")


# Opening zip archives that others made: nothing is unpacked to disk, and what unpacks to too many bytes is refused.


MAX_MEMBERS = 10_000
MAX_RATIO = 250
UNSUSPICIOUS = 10_000_000  # bytes that are harmless however they were packed
ENCRYPTED = 0x1
AGAIN = "Export it again."


@contextmanager
def open_archive(path: Path, megabytes: int) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive and look at its list of contents.

    Raises:
        RosterError: no such file, no archive, damaged, protected by a password, or it would unpack to more than
            `megabytes`, to more files than may be, or to hundreds of times its size, as only traps do.

    """
    where = f"{path}:1"
    refuse_no_file(path, megabytes)
    try:
        archive = zipfile.ZipFile(path)
    except NO_ARCHIVE as error:
        raise RosterError(f"this is not a whole zip archive ({error}).", where=where, do=AGAIN) from None
    except OSError as error:
        raise RosterError(f"the roster cannot be read: {cause(error)}.", where=str(path), do=AGAIN) from None
    with archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            what = f"it holds {len(members):,} files, more than {MAX_MEMBERS:,}."
            raise RosterError(what, where=where, do="Put the roster's own files alone into the archive.")
        unpacked = sum(member.file_size for member in members)
        if unpacked > megabytes * MEGABYTE:
            raise too_large(f"it would unpack to {unpacked:,} bytes; what it unpacks to", megabytes, where)
        for member in members:
            if member.file_size > UNSUSPICIOUS and member.file_size > MAX_RATIO * max(1, member.compress_size):
                raise RosterError(
                    f"'{member.filename}' in it would unpack to {member.file_size // max(1, member.compress_size):,} "
                    f"times its size ({member.file_size:,} bytes); no roster does.",
                    where=where,
                    do="Delete empty rows and columns, and save or export it again.",
                )
        if any(member.flag_bits & ENCRYPTED for member in members):
            raise RosterError("it is protected by a password.", where=where, do="Save it without one.")
        yield archive


# Which encoding a file that is not UTF-8 is in: taken only where nothing else would read as well.
# A byte beyond ASCII is another letter in every encoding. The file is read in each that is in wide use; readings that
# no language writes drop out: a capital after a small letter, symbols or letters of two scripts within a word, four
# consonants in a row, accents that no one language has. If only cp1252 is left, it is that. If not, a person must say
# which one it is: a guess would put wrong names on the forum.


WESTERN = "cp1252"
# Encoding -> where it is used.
CANDIDATES = {
    WESTERN: "western Europe",
    "cp1250": "central Europe",
    "cp1254": "Turkey",
    "cp1257": "the Baltic states",
    "mac_roman": "older Macs",
    "cp1251": "Cyrillic",
    "cp1253": "Greek",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "cp850": "DOS",
    "shift_jis": "Japan",
    "gb18030": "China",
    "big5": "Taiwan",
    "euc_kr": "Korea",
}
# The letters beyond ASCII of each language: French (with German, as in Switzerland), Spanish, Portuguese, Italian,
# Dutch, Swedish, Danish, Catalan, Icelandic.
WESTERN_LETTERS = (
    "àâæçéèêëîïôœùûüÿäöß", "áéíñóúü", "áâãàçéêíóôõúü", "àèéìîòóùú", "áéëíïóöúü", "åäöé", "æøåéöäü", "àçèéíïòóúü",
    "áéíóúýþæöð",
)  # fmt: skip
# Polish, Czech, Slovak, Hungarian, Romanian, Croatian and Slovene, Albanian, Turkish, Lithuanian, Latvian, Estonian.
OTHER_LETTERS = (
    "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "çë", "çğıöşüâîû",
    "ąčęėįšųūž", "āčēģīķļņšūž", "äöüõšž",
)  # fmt: skip
VOWELS = frozenset("aeiouy")
SEPARATORS = re.compile(r'[\s,;"]+')
MARKS = "‘’‚“”„«»‹›–—…•·€¿¡°ºª®©§\u00a0\u00ad´`()[]{}.!?:/'-+&@#_*=<>"
INNER = frozenset("‘’´·ー々〆・")  # marks that stand within words
CROWDED = 0.6  # of a Latin word's letters, at most so many have accents
CLUSTER = 4
WIDE = ("HIRAGANA", "KATAKANA", "CJK", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC", "PROLONGED")


@dataclass(frozen=True, slots=True)
class Guess:
    """The encoding, where the bytes leave no doubt; else a word of the file as each likely encoding reads it."""

    encoding: str | None
    readings: Mapping[str, str]

    def in_words(self) -> str:
        """Return the likely readings: `'Hélène' in cp1252 (western Europe), 'Hélčne' in cp1250 (central Europe)`."""
        return ", ".join(f"'{word}' in {name} ({CANDIDATES[name]})" for name, word in self.readings.items())


def guess(sample: bytes) -> Guess:
    """Return the encoding of a sample of text that is not UTF-8."""
    readings: dict[str, list[str]] = {}
    for name in CANDIDATES:
        try:
            words = [word for word in SEPARATORS.split(sample.decode(name)) if not word.isascii()]
        except UnicodeDecodeError:
            continue
        if all(map(_is_word, words)):
            readings[name] = words
    western = readings.get(WESTERN)
    if western is not None:
        one_language = _in_one_of(WESTERN_LETTERS, western)
        others = [words for words in readings.values() if words != western]
        if not any(_may_be(words, strictly=one_language) for words in others):
            return Guess(WESTERN, {})
    return Guess(None, _differing(readings))


def _may_be(words: Iterable[str], *, strictly: bool) -> bool:
    """Whether words are ones of another encoding's languages: of one of them, or (not strictly) of several."""
    if not strictly:
        return _in_one_of(("".join((*OTHER_LETTERS, *WESTERN_LETTERS)),), words)
    return _in_one_of(OTHER_LETTERS, words) and not any(map(_has_cluster, words))


def _in_one_of(languages: Iterable[str], words: Iterable[str]) -> bool:
    letters = {sign for word in words for sign in word.lower() if sign.isalpha() and not sign.isascii()}
    latin = {sign for sign in letters if _script(sign) == "LATIN"}
    return latin != letters or any(latin <= set(alphabet) for alphabet in languages)


def _differing(readings: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the first word that is not the same in all readings, by the first encoding that reads it so."""
    longest = max(map(len, readings.values()), default=0)
    for place in range(longest):
        found = {name: words[place].strip(MARKS)[:40] for name, words in readings.items() if place < len(words)}
        if len(set(found.values())) > 1 or longest == 1 or len(found) == 1:
            shown: dict[str, str] = {}
            for name, word in found.items():
                if word not in shown.values():
                    shown[name] = word
            return shown
    return {}


def _is_word(word: str) -> bool:
    """Whether some language may write such a word, by the kinds of its letters."""
    core = word.strip(MARKS)
    signs = [sign for sign in core if not (sign.isascii() or sign in INNER)]
    if not all(sign.isalpha() or unicodedata.combining(sign) for sign in signs):
        return False
    scripts = {_script(sign) for sign in core if sign.isalpha() or unicodedata.combining(sign)}
    if len(scripts) > 1:
        return False
    if scripts <= {"LATIN"}:
        return _is_latin_word(core, len(signs))
    return scripts == {"WIDE"} or len(signs) > 1


def _is_latin_word(core: str, accented: int) -> bool:
    letters = sum(map(str.isalpha, core))
    if letters > 2 and accented / letters > CROWDED:
        return False
    return not any(late.isupper() and not late.isascii() and early.islower() for early, late in pairwise(core))


def _has_cluster(word: str) -> bool:
    """Whether consonants beyond ASCII stand among so many others that nobody could say the word."""
    return any(_run_of_consonants(word, place) >= CLUSTER for place, sign in enumerate(word) if not sign.isascii())


def _run_of_consonants(word: str, place: int) -> int:
    """Return how many consonants stand in a row around a place; 0 where a vowel is, or an r or l that serves as one."""
    if not _closes(word, place):
        return 0
    first = last = place
    while first > 0 and _closes(word, first - 1):
        first -= 1
    while last + 1 < len(word) and _closes(word, last + 1):
        last += 1
    return last - first + 1


def _closes(word: str, place: int) -> bool:
    """Whether a letter is a consonant; an r or l between two others is none in Slavic languages (Krč, Vlk)."""
    if not _is_consonant(word[place]):
        return False
    around = word[max(0, place - 1) : place] + word[place + 1 : place + 2]
    return not (word[place] in "rlRL" and len(around) == 2 and all(map(_is_consonant, around)))


def _is_consonant(sign: str) -> bool:
    plain = unicodedata.normalize("NFKD", sign.lower())[0]
    return sign.isalpha() and plain not in VOWELS and plain not in "æœøıß"


def _script(sign: str) -> str:
    first = unicodedata.name(sign, "").partition(" ")[0].partition("-")[0]
    return "WIDE" if first in WIDE else first
