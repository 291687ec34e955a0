"""Names of classes from a text file."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from eca_viz.errors import NetworkError

LONGEST_LABEL = 100


MAX_LABEL_BYTES = 2**20


def read_labels(path: Path) -> tuple[str, ...]:
    """Names of classes from a text file, one in each line, in the order of the classes.

    Raises NetworkError where it cannot be read as UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            return parse_labels(file.read(MAX_LABEL_BYTES + 1), path.name)
    except OSError as error:
        raise NetworkError(
            f"{path} cannot be read ({error.strerror}); give a text file with one label in each "
            "line"
        ) from error


def parse_labels(data: bytes, name: str) -> tuple[str, ...]:
    """`read_labels` for the bytes of a file called `name`."""
    if len(data) > MAX_LABEL_BYTES:
        raise NetworkError(
            f"{name} has more than {MAX_LABEL_BYTES // 2**20} MB; give a text file with one label "
            "in each line"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NetworkError(
            f"{name} is not UTF-8 text; give a text file with one label in each line"
        ) from error
    return tuple(line.strip()[:LONGEST_LABEL] for line in text.strip().splitlines())


def distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Distinct labels: one that occurs more than once gets its index behind it."""
    count = Counter(labels)
    return tuple(
        f"{label} ({index})" if count[label] > 1 or not label else label
        for index, label in enumerate(labels)
    )
