"""A language in which every message stands in brackets, to see what is translated."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from eca_viz import texts

SOURCES = Path(texts.__file__).parent
KEYWORDS = {"tr": None, "text": None, "trn": (1, 2), "textn": (1, 2)}
LANGUAGE = "zh"


@contextmanager
def brackets(folder: Path) -> Iterator[None]:
    """Speaks it inside the block; its catalogue is written into the folder."""
    catalogue = Catalog(locale=LANGUAGE)
    for _, _, message, _, _ in extract_from_dir(str(SOURCES), keywords=KEYWORDS):
        alone = isinstance(message, str)
        catalogue.add(message, f"⟦{message}⟧" if alone else (f"⟦{message[1]}⟧",))
    file = BytesIO()
    write_po(file, catalogue)
    (folder / f"{LANGUAGE}.po").write_bytes(file.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "CATALOGUES", folder)
        texts._catalogue.cache_clear()
        try:
            with texts.speaking(LANGUAGE):
                yield
        finally:
            texts._catalogue.cache_clear()
