"""Uploads: images and files that posts show; kept in the database."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Upload

blueprint = Blueprint("uploads", __name__)

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MEDIA = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_IMAGES = frozenset({*_MEDIA, "heic", "heif", "avif"})
_WIDEST = 690


@blueprint.post("/uploads", endpoint="uploads/create")
def create() -> dict[str, Any]:
    """Store a file; the same content again gives the same upload."""
    caller, params, session = context.require_user(), context.params(), context.session()
    if not params.text("upload_type") and not params.text("type"):
        raise refusals.missing_parameter("upload_type")
    file = request.files.get("file") or next(iter(request.files.getlist("files[]")), None)
    if file is None:
        raise refusals.failed("undefined method 'tempfile' for nil")
    name, content = file.filename or "file", file.read()
    extension = name.rpartition(".")[2].lower()
    _refuse_unfit(extension, content)
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    found = session.scalar(select(Upload).where(Upload.sha1 == sha1))
    if found is None:
        width, height = _size(content) if extension in _IMAGES else (None, None)
        if extension in _MEDIA and not width:
            raise refusals.unprocessable(
                "Sorry, but we couldn't determine the size of the image. Maybe your image is corrupted?",
            )
        found = Upload(
            user_id=caller.id,
            sha1=sha1,
            original_filename=name,
            filesize=len(content),
            width=width,
            height=height,
            extension=extension,
            url=f"/uploads/default/original/1X/{sha1}.{extension}",
            content=content,
            created_at=context.now(),
        )
        session.add(found)
        session.flush()
    retain = params.text("retain_hours")
    return upload_json(found, retain_hours=to_i(retain) if retain else None)


def _refuse_unfit(extension: str, content: bytes) -> None:
    settings = context.settings()
    names = ["authorized_extensions"]
    if context.guardian().is_staff:
        names.append("authorized_extensions_for_staff")
    allowed = [part for name in names for part in settings.text(name).split("|") if part]
    if "*" not in allowed and extension not in allowed:
        raise refusals.unprocessable(
            "Sorry, the file you are trying to upload is not authorized (authorized extensions: "
            f"{', '.join(allowed)}).",
        )
    limit = settings.number("max_image_size_kb" if extension in _IMAGES else "max_attachment_size_kb")
    if len(content) > limit * 1024:
        what = "image" if extension in _IMAGES else "file"
        raise refusals.unprocessable(
            f"Sorry, the {what} you are trying to upload is too big (maximum size is {limit // 1024} MB).",
        )


def upload_json(row: Upload, *, retain_hours: int | None = None) -> dict[str, Any]:
    """Return an upload as clients get it."""
    host = context.base_url().partition(":")[2]
    short = f"{_base62(row.sha1)}.{row.extension}"
    width = min(row.width, _WIDEST) if row.width else None
    height = round(row.height * width / row.width) if row.width and row.height and width else None
    return {
        "id": row.id,
        "url": f"{host}{row.url}",
        "original_filename": row.original_filename,
        "filesize": row.filesize,
        "width": row.width,
        "height": row.height,
        "thumbnail_width": width,
        "thumbnail_height": height,
        "extension": row.extension,
        "short_url": f"upload://{short}",
        "short_path": f"/uploads/short-url/{short}",
        "retain_hours": retain_hours,
        "human_filesize": _human(row.filesize),
        "dominant_color": row.sha1[:6].upper() if row.width else None,
        "thumbnail": None,
    }


def _base62(sha1: str) -> str:
    number, text = int(sha1, 16), ""
    while number:
        number, digit = divmod(number, 62)
        text = _DIGITS[digit] + text
    return text


def _human(size: int) -> str:
    if size < 1024:
        return f"{size} Bytes"
    return f"{size / 1024:.3g} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.3g} MB"


def _size(content: bytes) -> tuple[int | None, int | None]:
    """The width and height of a PNG, GIF, JPEG or WebP image; None for what is none of them."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        return struct.unpack(">II", content[16:24])
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return struct.unpack("<HH", content[6:10])
    if content[:2] == b"\xff\xd8":
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[12:16] == b"VP8X" and len(content) >= 30:
        width, height = content[24:27], content[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    return None, None


def _jpeg_size(content: bytes) -> tuple[int | None, int | None]:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker, length = content[position + 1], int.from_bytes(content[position + 2 : position + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None, None


@blueprint.get("/uploads/default/original/1X/<name>", endpoint="uploads/show")
@blueprint.get("/uploads/short-url/<name>", endpoint="uploads/show_short")
def show(name: str) -> Response:
    """The file itself, by its SHA-1 or short name."""
    stem, _, extension = name.partition(".")
    rows = context.session().scalars(select(Upload).where(Upload.extension == extension))
    found = next((row for row in rows if stem in (row.sha1, _base62(row.sha1))), None)
    if found is None:
        raise refusals.not_found()
    answer = Response(found.content, content_type=_MEDIA.get(extension, "application/octet-stream"))
    answer.headers["cache-control"] = "max-age=31556952, public, immutable"
    return answer
