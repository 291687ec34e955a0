"""Which images a folder or a table gives, in which order, and the labels among them."""

import os
from pathlib import Path

import pytest
from timm.data.imagenet_info import ImageNetInfo

from eca_viz.errors import DataError
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.networks.labels import class_indices, distinct
from eca_viz.networks.registry import find_network
from eca_viz.statistics.listing import Item, list_images


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b/2.JPG", "b/deep/1.png", "a/x.webp", "top.png", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_folders_are_labels_and_paths_are_sorted(tree: Path) -> None:
    assert list_images(tree).items == (
        Item("a/x.webp", "a"),
        Item("b/2.JPG", "b"),
        Item("b/deep/1.png", "b"),
        Item("top.png", None),
    )


def test_the_digest_follows_names_labels_and_files(tree: Path) -> None:
    before = list_images(tree).digest()
    assert list_images(tree).digest() == before
    (tree / "top.png").write_bytes(b"xy")
    assert list_images(tree).digest() != before


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("path,label\nb/2.JPG,dog\ntop.png,\n", (Item("b/2.JPG", "dog"), Item("top.png", None))),
        ("\ufefflabel,path\ncat,a/x.webp\n", (Item("a/x.webp", "cat"),)),
        ("path\ntop.png\nmissing.png\n", (Item("missing.png"), Item("top.png"))),
    ],
)
def test_a_table_names_images(tree: Path, text: str, items: tuple[Item, ...]) -> None:
    table = tree / "images.csv"
    table.write_text(text, encoding="utf-8")
    assert list_images(tree, table).items == items


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"file,label\na,b\n",
            "has the columns file, label; give one with a first line path,label",
        ),
        (b"path\ntop.png\ntop.png\n", "names 1 images more than once"),
        (b"path\n\xff\xfe\n", "is no CSV file"),
        (b"path,label\n", "found no image in"),
        (b"label,path\ncat\n", "names no image in line 2"),
        (b"path\na.png\nb\0.png\n", "names no image in line 3|is no CSV file"),
    ],
)
def test_other_tables_get_a_sentence(tree: Path, content: bytes, sentence: str) -> None:
    table = tree / "images.csv"
    table.write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        list_images(tree, table)


def test_missing_and_empty_folders_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        list_images(tmp_path / "none")
    with pytest.raises(DataError, match="found no image"):
        list_images(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        list_images(tmp_path, tmp_path / "none.csv")


def test_names_of_classes_are_labels_indices_or_wordnet_ids() -> None:
    names = ["n01440764", "n03394916", "Church", "7", "10", "dog", "n00000001"]
    assert class_indices(names, LABELS) == {"n01440764": 0, "n03394916": 5, "Church": 4, "7": 7}


@pytest.mark.parametrize("name", ["timm:ecaresnet50t", "torchvision:mobilenet_v3_small"])
def test_imagenets_ids_and_labels_are_those_of_its_thousand_classes(name: str) -> None:
    labels = distinct(find_network(name).labels())
    ids = ImageNetInfo("imagenet-1k").label_names()
    assert list(class_indices(ids, labels).values()) == list(range(1000))
    assert list(class_indices(labels, labels).values()) == list(range(1000))
    assert class_indices(["crane", "CARDIGAN"], labels).get("crane") in {None, 134, 517}
    assert "CARDIGAN" not in class_indices(["CARDIGAN"], ("Cardigan", "cardigan"))


def test_odd_names_and_links(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "1.png").write_bytes(b"x")
    (tree / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(tree)
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xe9.png")).write_bytes(b"x")
    paths = {item.path for item in list_images(tree).items}
    assert {"linked/1.png", "caf\\udce9.png"} <= paths
    assert len(paths) == 6
