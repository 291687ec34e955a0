"""Room for uploads in the memory of the server: for one visit, and for all together."""

import re
from collections import Counter
from typing import TYPE_CHECKING

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text
from eca_viz.ui.limits import limits

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ADDRESS = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")
# What the app gets in place of a file for which there is no room.
VISIT_FULL, SERVER_FULL = b"eca_viz: the visit is full", b"eca_viz: the server is full"
MOST_HEAD = 2**16  # bytes before a file's own, among them its name


class Uploads:
    """Keeps a file for which there is no room out of memory, and has the app say so.

    Streamlit limits each file, holds as many as are sent, and of a refusal shows a number alone.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app
        self._coming: Counter[str] = Counter()  # bytes, by visit

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        asked = _ADDRESS.search(scope.get("path", ""))
        if asked is None or scope.get("method") != "PUT":
            await self.app(scope, receive, send)
            return
        visit, size = asked[1], _size(Headers(scope=scope))
        if full := self._full(visit, size):
            body = await _replaced(receive, full)
            await self.app(_of_length(scope, len(body)), _only(body), send)
            return
        self._coming[visit] += size
        try:
            await self.app(scope, receive, send)
        finally:
            self._coming[visit] -= size
            self._coming += Counter()  # keeps no visit that sends nothing

    def _full(self, visit: str, size: int) -> bytes:
        most, all_files = limits(), _held() + self._coming
        if all_files[visit] + size > most.upload_megabytes * 2**20:
            return VISIT_FULL
        return SERVER_FULL if all_files.total() + size > most.server_megabytes * 2**20 else b""


def uploaded(file: UploadedFile) -> bytes:
    """The bytes of an uploaded file; raises EcaVizError where there was no room for them."""
    data = file.getvalue()
    if data == VISIT_FULL:
        raise EcaVizError(
            text(
                "There was no room for {file}: the files of a visit have {n} MB together at most; "
                "remove some and upload it again.",
                file=file.name,
                n=limits().upload_megabytes,
            )
        )
    if data == SERVER_FULL:
        raise EcaVizError(
            text(
                "There was no room for {file}: the files of all visits have {n} MB together at "
                "most. Upload it again in some minutes, or start the app on your own machine.",
                file=file.name,
                n=limits().server_megabytes,
            )
        )
    return data


def _held() -> Counter[str]:
    """Bytes in memory, by visit."""
    files = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    if not isinstance(files, MemoryUploadedFileManager):
        return Counter()
    return Counter(
        {
            visit: sum(len(one.data) for one in list(held.values()))
            for visit, held in list(files.file_storage.items())
        }
    )


def _size(headers: Headers) -> int:
    """Bytes that may come; where that is not told, the most that Streamlit takes."""
    told = headers.get("content-length", "")
    return int(told) if told.isdecimal() else st.get_option("server.maxUploadSize") * 2**20


async def _replaced(receive: "Receive", content: bytes) -> bytes:
    """The form of an upload with other bytes for those of its file, which are read and dropped."""
    head, more = b"", True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if len(head) < MOST_HEAD and b"\r\n\r\n" not in head:
            head += message.get("body", b"")
    head, end, _ = head.partition(b"\r\n\r\n")
    boundary, _, _ = head.partition(b"\r\n")
    return head + end + content + b"\r\n" + boundary + b"--\r\n"


def _of_length(scope: "Scope", length: int) -> "Scope":
    changed = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=changed)
    del headers["transfer-encoding"]
    headers["content-length"] = str(length)
    return changed


def _only(body: bytes) -> "Receive":
    async def receive() -> "Message":
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
