"""The forum's certificate, judged with the same authorities as the worker's own calls."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from sync_worker.checks import Finding, fail, ok, warn

if TYPE_CHECKING:
    from sync_worker.config import ForumSettings

AREA = "encryption"
EXPIRES_SOON = timedelta(days=14)
# OpenSSL's numbers of what can be wrong (X509_V_ERR_..., openssl/x509_vfy.h).
NOT_YET_VALID, EXPIRED = 9, 10
UNKNOWN_AUTHORITY = (18, 19, 20, 21)
OTHER_NAME = (62, 64)


def check_certificate(settings: ForumSettings, host: str, port: int, now: datetime) -> Finding:
    """Open a TLS connection and look at the certificate; sends no call to the forum."""
    bundle = _authorities(settings.url)
    try:
        context = ssl.create_default_context(
            **{"capath" if bundle.is_dir() else "cafile": str(bundle)},  # type: ignore[arg-type]
        )
    except OSError as error:
        do = "Correct REQUESTS_CA_BUNDLE, or unset it."
        return fail(AREA, f"the authorities in {bundle} cannot be read: {error.strerror or error}.", do)
    try:
        with (
            socket.create_connection((host, port), timeout=settings.connect_timeout) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
            version = secure.version()
    except ssl.SSLCertVerificationError as error:
        return _refused(error, host, now)
    except ssl.SSLError as error:
        do = "Does this port speak https? If so, see the TLS settings of what is in front of the forum."
        return fail(AREA, f"no encrypted connection to port {port}: {error.reason or error}.", do)
    except OSError as error:
        do = "Check forum.url, firewalls, and whether a proxy is needed (HTTPS_PROXY)."
        return warn(AREA, f"no direct connection to port {port}: {error.strerror or error}.", do)
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if expires - now < EXPIRES_SOON:
        do = "See why it is not renewed; without it every call will fail."
        return warn(AREA, f"the certificate expires on {expires:%Y-%m-%d}.", do)
    return ok(AREA, f"{version}, certificate valid until {expires:%Y-%m-%d}.")


def _authorities(url: str) -> Path:
    """Return the file or folder with the certificates of the authorities that `requests` trusts."""
    with requests.Session() as session:
        verify = session.merge_environment_settings(url, {}, None, None, None)["verify"]
    return Path(verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)


def _refused(error: ssl.SSLCertVerificationError, host: str, now: datetime) -> Finding:
    what = f"the certificate is not accepted: {error.verify_message.rstrip('.')}."
    code = error.verify_code
    if code in (EXPIRED, NOT_YET_VALID):
        do = f"Renew it on the forum's server, or set this machine's clock, which says {now:%Y-%m-%d %H:%M} UTC."
    elif code in OTHER_NAME:
        do = f"Put the name that the certificate is for into forum.url in lcm.yaml, or get one that covers {host}."
    elif code in UNKNOWN_AUTHORITY:
        do = "Let the forum send its whole chain; if the authority is your own, name its file in REQUESTS_CA_BUNDLE."
    else:
        do = "Replace or renew the certificate on the forum's server."
    return fail(AREA, what, do)
