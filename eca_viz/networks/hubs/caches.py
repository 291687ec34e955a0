"""Where downloaded weights lie on this machine; free of torch, timm and torchvision."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from eca_viz.paths import OFFLINE_VARIABLE

WEIGHTS = "model.safetensors"


def offline() -> bool:
    """Whether ECA_VIZ_OFFLINE turns downloads off."""
    return os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0")


def hub_file(repository: str) -> Path | None:
    """The weights of a repository of the Hugging Face hub, where the hub's cache has them."""
    if find_spec("huggingface_hub") is None:
        return None  # and nothing could load it
    from huggingface_hub import constants

    if not Path(constants.HF_HUB_CACHE, f"models--{repository.replace('/', '--')}").is_dir():
        return None  # what answers in general takes 0.3 s to import
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(repository, WEIGHTS)
    return Path(path) if isinstance(path, str) else None


def url_place(url: str) -> Path:
    """Where the file of an address is kept: the folder that torch.hub uses by default."""
    caches = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.environ.get("TORCH_HOME", str(Path(caches, "torch")))).expanduser()
    return home / "hub" / "checkpoints" / Path(urlsplit(url).path).name


def url_file(url: str) -> Path | None:
    """The file of an address, where it has been kept."""
    path = url_place(url)
    return path if path.exists() else None
