"""Brings published weights to this machine, once; a missing network is said within seconds."""

import hashlib
import re
import threading
from collections.abc import Callable
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
    partial = blob.with_suffix(".incomplete")
    size = file.size or 0

    class Bar(hub_tqdm):
        """Draws nothing, but passes on how much is there."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]
            self.there = float(kwargs.get("initial", 0))

        def update(self, n: float | None = 1) -> Any:
            self.there += n or 0
            share = min(1.0, self.there / size) if size else 0.0
            what = text(
                "Downloading {network} ({megabytes:.0f} MB)",
                network=title,
                megabytes=size / 2**20,
            )
            progress(what, share)

    blob.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(blob.with_suffix(".lock")):
        if blob.exists():
            return
        with partial.open("ab") as there:
            headers = build_hf_headers()
            http_get(
                url,
                there,
                resume_size=there.tell(),
                headers=headers,
                expected_size=file.size,
                tqdm_class=Bar,
            )
        with partial.open("rb") as whole:
            digest = hashlib.file_digest(whole, "sha256").hexdigest()
        if len(str(file.etag)) == len(digest) and digest != file.etag:
            partial.unlink()
            raise OSError("what came is not the file that the hub announced")
        partial.replace(blob)


def fetch_url(url: str, title: str, progress: Progress) -> Path:
    """The file of an address, out of torch.hub's cache or into it.

    Args:
        url: The address; the file's name holds its digest.
        title: What progress and errors call the network.
        progress: Called before the download.

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
    import torch  # a download from the hub needs none of it

    progress(text("Downloading {network}", network=title), 0.0)
    request = Request(url, method="HEAD")
    _within(PATIENCE, lambda: urlopen(request, timeout=PATIENCE).close(), title, url)
    path = url_place(url)
    expected = path.stem.rpartition("-")[2]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(path), expected, progress=False)
    except (OSError, RuntimeError) as error:
        raise NetworkError(_broken(title, url, error)) from error
    return path


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
