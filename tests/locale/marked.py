"""A language in which every message stands in brackets, to see what is translated."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import write_po

from eca_viz.locale import texts
from tests.locale.catalogue import in_code

LANGUAGE = "zh"


@contextmanager
def brackets(folder: Path) -> Iterator[None]:
    """Speaks it inside the block; its catalogue is written into the folder."""
    catalogue = Catalog(locale=LANGUAGE)
    for message in in_code():
        if message.id:
            alone = isinstance(message.id, str)
            catalogue.add(message.id, f"⟦{message.id}⟧" if alone else (f"⟦{message.id[1]}⟧",))
    file = BytesIO()
    write_po(file, catalogue)
    (folder / f"{LANGUAGE}.po").write_bytes(file.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "CATALOGUES", folder)
        forget()
        try:
            with texts.speaking(LANGUAGE):
                yield
        finally:
            forget()


def forget() -> None:
    """What was read of catalogues is read again."""
    for kept in (texts._catalogue, texts._originals, texts._short):
        kept.cache_clear()
