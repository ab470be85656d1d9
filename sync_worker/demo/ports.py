"""Where the demo's forum serves: always the same port, so that links in its texts are the same, unless it is taken."""

from __future__ import annotations

import socket

USUAL = 4280


def usual_or_free_port() -> int:
    """Return the demo's usual port, or 0 (any free one) where somebody listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL))
        except OSError:
            return 0
    return USUAL
