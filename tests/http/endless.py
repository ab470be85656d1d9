"""Servers whose answers never end, or unpack to more than anybody wants; over real sockets."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Answer = Callable[[socket.socket, threading.Event], None]


class RawServer:
    """Accepts connections, reads one request on each, and lets `answer` write what it likes until the test ends."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.ending = threading.Event()
        self.asked = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, *_: Any) -> None:
        self.ending.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            read_request(connection)
            self.asked += 1
            self._answer(connection, self.ending)


def read_request(connection: socket.socket) -> None:
    """Read a request with its body."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(65536)
    head, _, body = text.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    missing = (int(lengths[0]) if lengths else 0) - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))


def drip(text: Iterator[bytes] | bytes, connection: socket.socket, ending: threading.Event) -> None:
    """Write byte by byte, far quicker than any read gives up, until the caller or the test has had enough."""
    for piece in text:
        if ending.wait(0.02):
            return
        connection.sendall(bytes([piece]) if isinstance(piece, int) else piece)


def endlessly(piece: bytes) -> Iterator[bytes]:
    """Yield the same again and again."""
    while True:
        yield piece


def drips_its_body(connection: socket.socket, ending: threading.Event) -> None:
    connection.sendall(HEAD + b"\r\n[")
    drip(endlessly(b" "), connection, ending)


def drips_its_chunks(connection: socket.socket, ending: threading.Event) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    drip(endlessly(b"1\r\n \r\n"), connection, ending)


def drips_its_head(connection: socket.socket, ending: threading.Event) -> None:
    connection.sendall(HEAD)
    drip(endlessly(b"X"), connection, ending)


def goes_on_with_100(connection: socket.socket, ending: threading.Event) -> None:
    drip(endlessly(b"HTTP/1.1 100 Continue\r\n\r\n"), connection, ending)


def pours(connection: socket.socket, ending: threading.Event) -> None:
    """Four gigabytes, without saying so."""
    connection.sendall(HEAD + b"\r\n[")
    block = b" " * 1024 * 1024
    for _ in range(4096):
        if ending.is_set():
            return
        connection.sendall(block)


def says_four_gigabytes(connection: socket.socket, ending: threading.Event) -> None:
    connection.sendall(HEAD + f"Content-Length: {4 * 1024**3}\r\n\r\n[".encode())
    ending.wait()


def packed(encoding: str, body: bytes) -> Answer:
    """An answer with this body under this encoding."""

    def answer(connection: socket.socket, ending: threading.Event) -> None:
        del ending
        head = f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall(HEAD + head.encode() + body)

    return answer


def bomb_of(megabytes: int, *, bits: int = 31) -> bytes:
    """Spaces, packed a thousand times smaller."""
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    block = b" " * 1024 * 1024
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


BOMBS = {
    "a gzip bomb": packed("gzip", bomb_of(300)),
    "a deflate bomb": packed("deflate", bomb_of(300, bits=15)),
    "a bare deflate bomb": packed("deflate", bomb_of(300, bits=-15)),
    "a bomb in members": packed("gzip", bomb_of(1) * 300),
}
GOOD = {
    "gzip": packed("gzip", gzip.compress(b"[]")),
    "gzip with padding": packed("gzip", gzip.compress(b"[]") + b"\0" * 9),
    "gzip in members": packed("x-gzip", gzip.compress(b"[") + gzip.compress(b"]")),
    "deflate": packed("deflate", zlib.compress(b"[]")),
    "deflate without a head": packed("deflate", zlib.compress(b"[]")[2:-4]),
    "identity": packed("identity", b"[]"),
}
BROKEN = {
    "half a gzip": packed("gzip", gzip.compress(b"[]" * 999)[:20]),
    "no gzip": packed("gzip", b"[]"),
    "an encoding that nobody asked for": packed("br", b"[]"),
    "two encodings": packed("gzip, gzip", gzip.compress(gzip.compress(b"[]"))),
}
ENDLESS = {
    "its body drips": drips_its_body,
    "its chunks drip": drips_its_chunks,
    "its head drips": drips_its_head,
    "it goes on and on": goes_on_with_100,
}
