"""Brings published weights to this machine, once; a missing network is said within seconds."""

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from huggingface_hub import (
    HfFileMetadata,
    constants,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
)
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils._fixes import WeakFileLock
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils.tqdm import tqdm as hub_tqdm

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import Text, text
from eca_viz.networks.hubs.caches import WEIGHTS, hub_file, offline, url_file, url_place
from eca_viz.paths import OFFLINE_VARIABLE
from eca_viz.progress import Progress

# Libraries try again for up to 13 minutes, longer than a page can wait.
PATIENCE = 4.0
PULSE = 0.2  # seconds after which a page is told again how much is there, and can stop it
DIGEST = 64  # digits of a SHA-256

T = TypeVar("T")


def fetch_from_hub(repository: str, title: str, progress: Progress) -> Path:
    """The weights of a repository of the Hugging Face hub, out of the hub's cache or into it.

    A download that was stopped goes on where it stopped.

    Args:
        repository: Its name on the hub.
        title: What progress and errors call the network.
        progress: Called with the share in [0, 1] that is there.

    Returns:
        The path of the file in the cache.

    Raises:
        NetworkError: Where the hub cannot be reached or does not have the file.
    """
    cached = hub_file(repository)
    if cached is not None:
        return cached
    if offline():
        raise _forbidden(title, OFFLINE_VARIABLE)
    if constants.is_offline_mode():
        raise _forbidden(title, "HF_HUB_OFFLINE")
    url = hf_hub_url(repository, WEIGHTS)
    file = _within(PATIENCE, lambda: get_hf_file_metadata(url, timeout=PATIENCE), title, url)
    try:
        _bring_into_cache(repository, url, file, title, progress)
        return Path(hf_hub_download(repository, WEIGHTS))
    except Exception as error:  # the hub's client also lets errors of its transport through
        raise NetworkError(_broken(title, url, error)) from error


def _bring_into_cache(
    repository: str, url: str, file: HfFileMetadata, title: str, progress: Progress
) -> None:
    """Writes the file where the hub's cache keeps contents, from which the hub's client links it.

    The client itself begins anew after each stop. Raises OSError for contents that are not those
    that the hub announced.
    """
    folder = repo_folder_name(repo_id=repository, repo_type="model")
    blob = Path(constants.HF_HUB_CACHE, folder, "blobs", str(file.etag))
    etag = str(file.etag)
    digest = etag if len(etag) == DIGEST else ""
    _bring(url, blob, file.size or 0, digest, _Share(title, progress), build_hf_headers())


def fetch_url(url: str, title: str, progress: Progress) -> Path:
    """The file of an address, out of torch.hub's cache or into it.

    A download that was stopped goes on where it stopped.

    Args:
        url: The address; the file's name holds the beginning of its digest.
        title: What progress and errors call the network.
        progress: Called with the share in [0, 1] that is there.

    Returns:
        The path of the file in the cache.

    Raises:
        NetworkError: Where the address cannot be reached or the file is another one.
    """
    cached = url_file(url)
    if cached is not None:
        return cached
    if offline():
        raise _forbidden(title, OFFLINE_VARIABLE)
    share, path = _Share(title, progress), url_place(url)
    share(0, 0)
    size = _within(PATIENCE, lambda: _length(url), title, url)
    try:
        _bring(url, path, size, path.stem.rpartition("-")[2], share, {})
    except Exception as error:  # as above
        raise NetworkError(_broken(title, url, error)) from error
    return path


def _length(url: str) -> int:
    """Bytes of the file of an address; 0 where its server does not say."""
    with urlopen(Request(url, method="HEAD"), timeout=PATIENCE) as answer:
        return int(answer.headers["Content-Length"] or 0)


@dataclass(frozen=True)
class _Share:
    """Tells of a download: called with the bytes that are there and with all of them."""

    title: str
    progress: Progress

    def __call__(self, there: float, size: int) -> None:
        what = text("Downloading {network}", network=self.title)
        if size:
            what = text(
                "Downloading {network} ({megabytes:.0f} MB)",
                network=self.title,
                megabytes=size / 2**20,
            )
        self.progress(what, min(1.0, there / size) if size else 0.0)


def _bring(
    url: str, path: Path, size: int, digest: str, share: _Share, headers: Mapping[str, str]
) -> None:
    """Downloads a file beside its place, on from where a download stopped, and moves it there.

    That runs in a thread. It is told here how much is there, also while nothing comes, so that what
    `share` raises ends it at once. Raises OSError where its SHA-256 does not begin with `digest`.
    """
    partial = path.with_suffix(".incomplete")
    there = partial.stat().st_size if partial.exists() else 0
    stopped, errors = threading.Event(), []

    class Bar(hub_tqdm):
        """Draws nothing, but notes how much is there."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> Any:
            nonlocal there
            if stopped.is_set():
                raise InterruptedError
            there += int(n or 0)

    def run() -> None:
        try:
            with WeakFileLock(path.with_suffix(".lock")):
                if not path.exists():
                    _write(url, partial, size, Bar, headers)
                    _check(partial, digest)
                    partial.replace(path)
        except Exception as error:
            errors.append(error)

    path.parent.mkdir(parents=True, exist_ok=True)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(PULSE)
            share(there, size)
    finally:
        stopped.set()
    if errors:
        raise errors[0]


def _write(
    url: str, partial: Path, size: int, bar: type[hub_tqdm], headers: Mapping[str, str]
) -> None:
    with partial.open("ab") as there:
        http_get(
            url,
            there,
            resume_size=there.tell(),
            headers=dict(headers),
            expected_size=size or None,
            tqdm_class=bar,
        )


def _check(partial: Path, digest: str) -> None:
    with partial.open("rb") as whole:
        found = hashlib.file_digest(whole, "sha256").hexdigest()
    if not found.startswith(digest):
        partial.unlink()
        raise OSError("what came is not the file that was announced")


def _within(seconds: float, ask: Callable[[], T], title: str, url: str) -> T:
    """What `ask` returns; raises NetworkError if it fails or takes longer than `seconds`.

    Looking up a name cannot be given a limit, so the question runs in a thread that is left
    behind.
    """
    answers: list[Any] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # any library between here and the wire may raise its own
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if answers:
        answer: T = answers[0]
        return answer
    cause = errors[0] if errors else TimeoutError(f"no answer in {seconds:.0f} s")
    raise NetworkError(_broken(title, url, cause)) from cause


def _forbidden(title: str, variable: str) -> NetworkError:
    return NetworkError(
        text(
            "{network} is not on this machine and {variable} forbids to download it; unset it or "
            "give a file with the weights",
            network=title,
            variable=variable,
        )
    )


def _broken(title: str, url: str, error: Exception) -> Text:
    said = str(getattr(error, "reason", error)).strip() or type(error).__name__
    reason = re.sub(r"^\[Errno -?\d+\] ", "", said.splitlines()[0])[:120]
    return text(
        "{network} could not be downloaded from {place} ({reason}); connect to the internet and "
        "pick it again, or give a file with its weights",
        network=title,
        place=urlsplit(url).netloc,
        reason=reason.rstrip("."),
    )
