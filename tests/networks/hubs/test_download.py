"""Downloads, against a hub on this machine: once, with progress, and a sentence without one."""

import hashlib
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import timm
import torch
from huggingface_hub import constants
from torchvision.models import MobileNet_V3_Small_Weights, mobilenet_v3_small

import eca_viz
from eca_viz.cli.main import main
from eca_viz.export.stored import METHOD, kept
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.hubs import download
from eca_viz.networks.hubs.caches import hub_file, url_file, url_place
from eca_viz.networks.hubs.download import fetch_from_hub, fetch_url
from eca_viz.networks.registry import IMAGENET_NETWORK, cached_imagenet, downloadable, find_listed
from eca_viz.paths import OFFLINE_VARIABLE
from tests.factories import randomise, save_bare, save_safetensors
from tests.networks.hubs.hub import Hub, running_hub

REPOSITORY = "timm/ecaresnet26t.ra2_in1k"
PATH = f"/{REPOSITORY}/resolve/main/model.safetensors"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hub") / "model.safetensors"
    save_safetensors(randomise(timm.create_model("ecaresnet26t")), path)
    return path


@pytest.fixture
def hub(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub in place of the real one, with an empty cache."""
    with running_hub({PATH: weights, "/models/x-00000000.pth": weights}) as running:
        template = running.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", running.address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
        yield running


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address at which nobody listens, with an empty cache."""
    template = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.mark.parametrize("given", [{}, {"XDG_CACHE_HOME": "caches"}, {"TORCH_HOME": "~/torch"}])
def test_addresses_are_kept_where_torch_keeps_them(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    expected = Path(torch.hub.get_dir()) / "checkpoints" / "x-00000000.pth"
    assert url_place("https://example.org/models/x-00000000.pth?a=b") == expected


def test_downloads_once_with_progress(hub: Hub, weights: Path) -> None:
    heard: list[tuple[str, float]] = []
    network = eca_viz.load_network(
        "timm:ecaresnet26t", progress=lambda what, share: heard.append((what, share))
    )
    assert network.record.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert heard[-1][0] == "Downloading ecaresnet26t.ra2_in1k (61 MB)"
    assert hub.asked.count(f"GET {PATH}") == 1

    before = list(hub.asked)
    path = fetch_from_hub(REPOSITORY, "again", lambda what, share: None)
    assert path == hub_file(REPOSITORY)
    assert path.read_bytes() == weights.read_bytes()
    assert hub.asked == before


def test_what_the_hub_does_not_have_is_said(hub: Hub) -> None:
    with pytest.raises(eca_viz.NetworkError, match=r"ecaresnet50t.* could not be downloaded from"):
        eca_viz.load_network("timm:ecaresnet50t")


def test_no_connection_is_said_at_once(nobody: None) -> None:
    with pytest.raises(
        eca_viz.NetworkError,
        match=r"could not be downloaded from 127.0.0.1:9 \(.*refused.*connect to the internet",
    ):
        eca_viz.load_network("timm:ecaresnet50d")
    with pytest.raises(eca_viz.NetworkError, match=r"refused.*connect to the internet"):
        fetch_url("http://127.0.0.1:9/x-00000000.pth", "X", lambda what, share: None)


def test_no_answer_is_said_after_a_few_seconds(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far from the minutes after which libraries give up."""
    assert download.PATIENCE < 5
    monkeypatch.setattr(download, "PATIENCE", 0.5)
    hub.silent.set()
    start = time.perf_counter()
    with pytest.raises(eca_viz.NetworkError, match="could not be downloaded"):
        fetch_from_hub("timm/none", "X", lambda what, share: None)
    with pytest.raises(eca_viz.NetworkError, match="could not be downloaded"):
        fetch_url(f"{hub.address}/models/x-00000000.pth", "X", lambda what, share: None)
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize("address", ["repository", "url"])
def test_a_hub_that_stalls_in_the_middle_is_said_and_the_next_try_goes_on(
    address: str, hub: Hub, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
    name = f"x-{hashlib.sha256(weights.read_bytes()).hexdigest()[:8]}.pth"
    hub.serve(f"/models/{name}", weights)
    shares: list[float] = []

    def fetch() -> Path:
        def told(what: str, share: float) -> None:
            shares.append(share)

        if address == "repository":
            return fetch_from_hub(REPOSITORY, "X", told)
        return fetch_url(f"{hub.address}/models/{name}", "X", told)

    hub.stalled.set()
    start = time.perf_counter()
    with pytest.raises(eca_viz.NetworkError, match=r"X could not be downloaded .*timed out"):
        fetch()
    assert time.perf_counter() - start < 30  # the hub's client tries five times more
    assert 0 < shares[-1] < 1
    hub.stalled.clear()
    shares.clear()
    assert fetch().read_bytes() == weights.read_bytes()
    assert shares[-1] == 1.0
    assert any(line.startswith("from") for line in hub.asked)


def test_a_stalled_download_stops_at_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []

    def stop(what: str, share: float) -> None:
        seen.append(time.perf_counter())
        if share > 0.3 and len(seen) > 10:
            raise KeyboardInterrupt

    hub.stalled.set()
    with pytest.raises(KeyboardInterrupt):
        fetch_from_hub(REPOSITORY, "X", stop)
    assert time.perf_counter() - seen[-1] < 1
    assert max(b - a for a, b in itertools.pairwise(seen)) < 2


def test_offline_mode_is_respected(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(eca_viz.NetworkError, match="HF_HUB_OFFLINE forbids"):
        eca_viz.load_network("timm:ecaresnet50t")
    assert hub.asked == []


@pytest.mark.parametrize("name", ["timm:ecaresnet50t", "torchvision:mobilenet_v3_small"])
def test_downloads_are_turned_off_for_both_hubs(
    name: str, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OFFLINE_VARIABLE, "1")
    assert downloadable() == []
    with pytest.raises(eca_viz.NetworkError, match="ECA_VIZ_OFFLINE forbids"):
        eca_viz.load_network(name)
    assert hub.asked == []
    monkeypatch.setenv(OFFLINE_VARIABLE, "0")
    assert "torchvision:mobilenet_v3_small" in downloadable()


def test_what_is_there_needs_no_download(
    hub: Hub, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fetch_from_hub(REPOSITORY, "X", lambda what, share: None)
    monkeypatch.setenv("ECA_VIZ_OFFLINE", "1")
    assert fetch_from_hub(REPOSITORY, "X", lambda what, share: None) == path
    monkeypatch.setenv("ECA_VIZ_OFFLINE", "0")
    assert fetch_from_hub(REPOSITORY, "X", lambda what, share: None) == path


def test_a_stopped_download_goes_on_where_it_stopped(hub: Hub, weights: Path) -> None:
    def stop(what: str, share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    hub.slow.set()
    with pytest.raises(KeyboardInterrupt):
        fetch_from_hub(REPOSITORY, "X", stop)
    hub.slow.clear()
    assert hub_file(REPOSITORY) is None
    shares: list[float] = []
    path = fetch_from_hub(REPOSITORY, "X", lambda what, share: shares.append(share))
    assert path.read_bytes() == weights.read_bytes()
    assert shares[0] > 0.3
    (begin,) = [int(line.split()[1]) for line in hub.asked if line.startswith("from")]
    assert 0 < begin < weights.stat().st_size
    assert not list(path.resolve().parent.glob("*.incomplete"))


def test_a_damaged_part_is_not_kept(hub: Hub, weights: Path) -> None:
    def stop(what: str, share: float) -> None:
        raise KeyboardInterrupt

    hub.slow.set()
    with pytest.raises(KeyboardInterrupt):
        fetch_from_hub(REPOSITORY, "X", stop)
    hub.slow.clear()
    (partial,) = Path(constants.HF_HUB_CACHE).rglob("*.incomplete")
    partial.write_bytes(b"something else")
    with pytest.raises(eca_viz.NetworkError, match="not the file that was announced"):
        fetch_from_hub(REPOSITORY, "X", lambda what, share: None)
    assert hub_file(REPOSITORY) is None
    assert fetch_from_hub(REPOSITORY, "X", lambda what, share: None).exists()


def test_the_command_fetches_and_lists(
    hub: Hub, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cached_imagenet() is None
    assert main(["download"]) == 0
    said = capsys.readouterr().out
    assert "61 MB, 1,000 classes, licence apache-2.0" in said
    assert "The app opens with it." in said
    assert cached_imagenet() == IMAGENET_NETWORK
    digest = find_listed(IMAGENET_NETWORK).digest()
    assert digest == hashlib.sha256(weights.read_bytes()).hexdigest()
    for sample in SAMPLES:
        found = kept(sample.read(), digest)
        assert found is not None
        assert found.network.name == IMAGENET_NETWORK
        assert found.saliency[0].method == METHOD
    asked = list(hub.asked)
    assert main(["download", IMAGENET_NETWORK]) == 0
    assert f"{IMAGENET_NETWORK} is on this machine already" in capsys.readouterr().out
    assert hub.asked == asked
    assert main(["networks", "--cached"]) == 0
    listed = capsys.readouterr().out
    assert IMAGENET_NETWORK in listed
    assert "resnet_tiny_se " in listed
    assert "downloads once" not in listed


def test_the_command_says_what_is_wrong(nobody: None, capsys: pytest.CaptureFixture[str]) -> None:
    start = time.perf_counter()
    assert main(["download"]) == 2
    assert "connect to the internet" in capsys.readouterr().err
    assert time.perf_counter() - start < 5
    assert main(["download", "eca_resnet18_imagenette"]) == 2
    assert "'eca_resnet18_imagenette' is no network to download" in capsys.readouterr().err


def test_another_file_than_the_address_promises_is_not_kept(hub: Hub) -> None:
    url = f"{hub.address}/models/x-00000000.pth"
    with pytest.raises(eca_viz.NetworkError, match="not the file that was announced"):
        fetch_url(url, "X", lambda what, share: None)
    assert url_file(url) is None


def test_torchvisions_weights_download_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = randomise(mobilenet_v3_small())
    path = tmp_path / "w.pth"
    save_bare(direct, path)
    name = f"mobilenet_v3_small-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.pth"
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    with running_hub({f"/models/{name}": path}) as running:
        url = f"{running.address}/models/{name}"
        kept = fetch_url(url, "X", lambda what, share: None)
        assert fetch_url(url, "X", lambda what, share: None) == kept == url_file(url)
        assert running.asked == [f"HEAD /models/{name}", f"GET /models/{name}"]
    # Where the real file would lie, this one stands in for it.
    real = Path(MobileNet_V3_Small_Weights.DEFAULT.url).name
    kept.rename(kept.with_name(real))
    network = eca_viz.load_network("torchvision:mobilenet_v3_small")
    for key, value in direct.state_dict().items():
        torch.testing.assert_close(network.module.state_dict()[key], value, rtol=0, atol=0)
