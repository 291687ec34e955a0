"""Names of classes from a text file."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from eca_viz.errors import NetworkError
from eca_viz.locale.plain_text import one_line
from eca_viz.locale.texts import text
from eca_viz.storage.regular_file import open_file
from eca_viz.version import require

LONGEST_LABEL = 100
# Digits of the index of a class; Python itself reads at most 4,300.
LONGEST_INDEX = 9
_WORDNET_ID = re.compile(r"n\d{8}")


MAX_LABEL_BYTES = 2**20


def read_labels(path: Path) -> tuple[str, ...]:
    """Names of classes from a text file, one in each line, in the order of the classes.

    Raises NetworkError where it cannot be read as UTF-8 text.
    """
    advice = text("give a text file with one label in each line")
    with open_file(path, NetworkError, advice) as file:
        return parse_labels(file.read(MAX_LABEL_BYTES + 1), path.name)


def parse_labels(data: bytes, name: str) -> tuple[str, ...]:
    """`read_labels` for the bytes of a file called `name`."""
    if len(data) > MAX_LABEL_BYTES:
        raise NetworkError(
            text(
                "{file} has more than {most} MB; give a text file with one label in each line",
                file=name,
                most=MAX_LABEL_BYTES // 2**20,
            )
        )
    try:
        lines = data.decode("utf-8-sig").strip().splitlines()
    except UnicodeDecodeError as error:
        raise NetworkError(
            text(
                "{file} is not UTF-8 text; give a text file with one label in each line", file=name
            )
        ) from error
    return tuple(line.strip()[:LONGEST_LABEL] for line in lines)


def distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Distinct labels in one line each: one that occurs more than once gets its index behind it."""
    labels = [one_line(label) for label in labels]
    count = Counter(labels)
    return tuple(
        f"{label} ({index})" if count[label] > 1 or not label else label
        for index, label in enumerate(labels)
    )


def class_indices(names: Iterable[str], labels: Sequence[str]) -> dict[str, int]:
    """Which class of a network each name means; names that mean none are left out.

    A name is a label, also in another case where that is clear, the index of a class, or a
    WordNet id such as n01440764, as ImageNet's folders are called.

    Args:
        names: Names of folders, or labels in a table.
        labels: The network's labels by index.

    Returns:
        The index of a class by name.
    """
    exact = {label: index for index, label in enumerate(labels)}
    folded = {label.casefold(): index for index, label in enumerate(labels)}
    unique = Counter(label.casefold() for label in labels)
    found = {}
    for name in names:
        index = exact.get(name)
        if index is None and unique[name.casefold()] == 1:
            index = folded[name.casefold()]
        if index is None and _WORDNET_ID.fullmatch(name):
            index = _imagenet_index(name, exact)
        if index is None and name.isdecimal() and len(name) <= LONGEST_INDEX:
            index = int(name) if int(name) < len(labels) else None
        if index is not None:
            found[name] = index
    return found


def _imagenet_index(wordnet_id: str, labels: Mapping[str, int]) -> int | None:
    """The class that a WordNet id means; None where it is none of the labels.

    A network with a thousand classes, the first of which is the tench, has
    ImageNet's order; of other networks a label is one of the names that ImageNet has for the id.
    """
    try:
        description = _imagenet("imagenet-22k").label_name_to_description(wordnet_id)
    except KeyError:
        return None
    names = [description, *description.split(", ")]
    thousand = _imagenet("imagenet-1k").label_names()
    if len(labels) == len(thousand) and wordnet_id in thousand and labels.get("tench") == 0:
        return int(thousand.index(wordnet_id))
    return next((labels[name] for name in names if name in labels), None)


@cache
def _imagenet(subset: str) -> Any:
    """timm's names of ImageNet's classes, which it reads from a file."""
    require("timm", "hub")
    from timm.data.imagenet_info import ImageNetInfo

    return ImageNetInfo(subset)
