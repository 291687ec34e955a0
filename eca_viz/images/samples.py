"""Sample images with free licences, inside installed packages."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from eca_viz.errors import ImageError
from eca_viz.images.reading import read_trusted
from eca_viz.locale.texts import Text, text
from eca_viz.lookup import by_name
from eca_viz.records import ImageInput


@dataclass(frozen=True)
class Sample:
    """An image in an installed package, with its author and its licence."""

    name: str
    title: Text
    package: str
    path: str
    credit: Text
    licence: str

    @property
    def credit_line(self) -> str:
        """Author and licence, a Text."""
        return text("Image: {credit} ({licence})", credit=self.credit, licence=self.licence)

    def read(self) -> ImageInput:
        """The image; raises ImageError where the package is missing."""
        spec = find_spec(self.package)  # unlike an import, takes no time
        if spec is None or spec.origin is None:
            raise ImageError(
                text(
                    "the sample {sample} is part of the package {package}, which is not "
                    "installed; pip install -r requirements.txt installs it",
                    sample=self.title,
                    package=self.package,
                )
            )
        return replace(read_trusted(Path(spec.origin).parent / self.path), sample=self.name)


_CC_BY = "CC BY 2.0"
_CC0 = "CC0"
_PUBLIC = text("public domain")

# Those that are most familiar to the ten-class network come first.
SAMPLES: tuple[Sample, ...] = (
    Sample(
        "china",
        text("Temple"),
        "sklearn",
        "datasets/images/china.jpg",
        text("danielbuechele on Flickr, from scikit-learn"),
        _CC_BY,
    ),
    Sample(
        "flower",
        text("Dahlia"),
        "sklearn",
        "datasets/images/flower.jpg",
        text("vultilion on Flickr, from scikit-learn"),
        _CC_BY,
    ),
    Sample(
        "astronaut",
        text("Astronaut"),
        "skimage",
        "data/astronaut.png",
        text("NASA, Great Images, from scikit-image"),
        _PUBLIC,
    ),
    Sample(
        "coffee",
        text("Coffee"),
        "skimage",
        "data/coffee.png",
        text("Rachel Michetti, courtesy of Pikolo Espresso Bar, from scikit-image"),
        _CC0,
    ),
    Sample(
        "rocket",
        text("Rocket"),
        "skimage",
        "data/rocket.jpg",
        text("SpaceX, from scikit-image"),
        _PUBLIC,
    ),
    Sample(
        "chelsea",
        text("Cat"),
        "skimage",
        "data/chelsea.png",
        text("Stéfan van der Walt, from scikit-image"),
        _CC0,
    ),
    Sample(
        "camera",
        text("Photographer (greyscale)"),
        "skimage",
        "data/camera.png",
        text("Lav Varshney, from scikit-image"),
        _CC0,
    ),
    Sample(
        "retina",
        text("Retina"),
        "skimage",
        "data/retina.jpg",
        text("Mikael Häggström, from scikit-image"),
        _CC0,
    ),
)


def find_sample(name: str) -> Sample:
    """The sample called `name`; raises ImageError with the valid names."""
    sentence = text("no sample is called {name!r}; the samples are: {names}")
    return by_name(SAMPLES, name, ImageError, sentence)
