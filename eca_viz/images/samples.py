"""Sample images with free licences, inside installed packages."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from eca_viz.errors import ImageError
from eca_viz.images.reading import read_trusted
from eca_viz.lookup import by_name
from eca_viz.records import ImageInput


@dataclass(frozen=True)
class Sample:
    """An image in an installed package, with its author and its licence."""

    name: str
    title: str
    package: str
    path: str
    credit: str
    licence: str

    @property
    def credit_line(self) -> str:
        """Author and licence."""
        return f"Image: {self.credit} ({self.licence})"

    def read(self) -> ImageInput:
        """The image; raises ImageError where the package is missing."""
        spec = find_spec(self.package)  # unlike an import, takes no time
        if spec is None or spec.origin is None:
            raise ImageError(
                f"the sample {self.title} is part of the package {self.package}, which is not "
                "installed; pip install -r requirements.txt installs it"
            )
        return replace(read_trusted(Path(spec.origin).parent / self.path), sample=self.name)


_CC_BY = "CC BY 2.0"
_CC0 = "CC0"
_PUBLIC = "public domain"

# Those that are most familiar to the ten-class network come first.
SAMPLES: tuple[Sample, ...] = (
    Sample(
        "china",
        "Temple",
        "sklearn",
        "datasets/images/china.jpg",
        "danielbuechele on Flickr, from scikit-learn",
        _CC_BY,
    ),
    Sample(
        "coffee",
        "Coffee",
        "skimage",
        "data/coffee.png",
        "Rachel Michetti, courtesy of Pikolo Espresso Bar, from scikit-image",
        _CC0,
    ),
    Sample(
        "astronaut",
        "Astronaut",
        "skimage",
        "data/astronaut.png",
        "NASA, Great Images, from scikit-image",
        _PUBLIC,
    ),
    Sample(
        "flower",
        "Dahlia",
        "sklearn",
        "datasets/images/flower.jpg",
        "vultilion on Flickr, from scikit-learn",
        _CC_BY,
    ),
    Sample(
        "chelsea",
        "Cat",
        "skimage",
        "data/chelsea.png",
        "Stéfan van der Walt, from scikit-image",
        _CC0,
    ),
    Sample(
        "rocket",
        "Rocket",
        "skimage",
        "data/rocket.jpg",
        "SpaceX, from scikit-image",
        _PUBLIC,
    ),
    Sample(
        "camera",
        "Photographer (greyscale)",
        "skimage",
        "data/camera.png",
        "Lav Varshney, from scikit-image",
        _CC0,
    ),
    Sample(
        "retina",
        "Retina",
        "skimage",
        "data/retina.jpg",
        "Mikael Häggström, from scikit-image",
        _CC0,
    ),
)


def find_sample(name: str) -> Sample:
    """The sample called `name`; raises ImageError with the valid names."""
    sentence = "no sample is called {name!r}; the samples are: {names}"
    return by_name(SAMPLES, name, ImageError, sentence)
