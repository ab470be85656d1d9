"""Unpacks what a server compressed, never more than a given size: a small answer may unpack to gigabytes."""

from __future__ import annotations

import zlib

ACCEPTED = "gzip, deflate"
_GZIP, _ZLIB, _BARE_DEFLATE = 31, 15, -15
_KINDS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_MAGIC = b"\x1f\x8b"


class TooLargeError(OSError):
    """An answer is larger than it may be; `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes")
        self.limit = limit


class UnreadableError(OSError):
    """An answer is not packed as its header says, or in a way that was not asked for."""


class Unpacker:
    """Takes a body in parts, as it comes, and keeps it unpacked.

    Args:
        encoding: the value of the header Content-Encoding.
        limit: bytes that the unpacked body may have.

    Raises:
        UnreadableError: an encoding that is not known.

    """

    def __init__(self, encoding: str, limit: int) -> None:
        kind = encoding.strip().lower()
        if kind not in ("", "identity") and kind not in _KINDS:
            raise UnreadableError("packed in a way that was not asked for")
        self._bits = _KINDS.get(kind)
        self._inflate = zlib.decompressobj(self._bits) if self._bits else None
        self._limit = limit
        self._begun = False
        self._body = bytearray()

    def take(self, part: bytes) -> None:
        """Take the next part of the body.

        Raises:
            TooLargeError: the body outgrows the limit.
            UnreadableError: the part does not unpack.

        """
        if self._inflate is None:
            self._keep(part)
            return
        while part:
            self._keep(self._inflated(part))
            part = self._inflate.unused_data
            self._begun = True
            if part:
                part = self._next_member(part)

    def body(self) -> bytes:
        """Return the whole body.

        Raises:
            UnreadableError: it breaks off.

        """
        if self._inflate is not None and self._begun and not self._inflate.eof:
            raise UnreadableError("the packed answer breaks off")
        return bytes(self._body)

    def _inflated(self, part: bytes) -> bytes:
        assert self._inflate is not None  # noqa: S101 - for the type checker
        room = self._limit - len(self._body) + 1
        try:
            return self._inflate.decompress(part, room)
        except zlib.error:
            if self._bits != _ZLIB or self._begun:
                raise UnreadableError("not packed as its header says") from None
        # Some servers send deflate without the head that the standard asks for.
        self._bits = _BARE_DEFLATE
        self._inflate = zlib.decompressobj(_BARE_DEFLATE)
        return self._inflated(part)

    def _next_member(self, rest: bytes) -> bytes:
        """A gzip may have several members; anything else after its end is padding."""
        if self._bits != _GZIP or not rest.startswith(_MAGIC):
            return b""
        self._inflate = zlib.decompressobj(_GZIP)
        return rest

    def _keep(self, unpacked: bytes) -> None:
        self._body += unpacked
        if len(self._body) > self._limit:
            raise TooLargeError(self._limit)
