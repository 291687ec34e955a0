"""The recipe of a training: every choice that it makes, as data."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cycle:
    """A part of the training in which the learning rate rises once and falls to nothing.

    `sizes` are the side lengths in pixels of the images in equally long parts of the cycle;
    `mix_probability` in [0, 1] is the share of batches that MixUp or CutMix blends.
    """

    epochs: int
    sizes: tuple[int, ...]
    learning_rate: float
    mix_probability: float


@dataclass(frozen=True)
class Recipe:
    """Every choice that training makes.

    The exponential moving average of the weights keeps `ema_decay` of itself at each step.
    Biases, batch norm and the attention layers are not decayed.
    """

    cycles: tuple[Cycle, ...]
    batch_size: int = 64
    smallest_crop: float = 0.3
    warm_up: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)
    epsilon: float = 1e-6
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    mixup_alpha: float = 0.2
    cutmix_alpha: float = 1.0
    ema_decay: float = 0.998

    @property
    def epochs(self) -> int:
        """Epochs of all cycles together."""
        return sum(cycle.epochs for cycle in self.cycles)

    def cycle_at(self, epoch: int) -> tuple[Cycle, int]:
        """The cycle that `epoch` is in and its number there, both counted from 0.

        Raises IndexError after the last epoch.
        """
        for cycle in self.cycles:
            if epoch < cycle.epochs:
                return cycle, epoch
            epoch -= cycle.epochs
        raise IndexError(f"the recipe has {self.epochs} epochs")

    def size_at(self, epoch: int) -> int:
        """Side length in pixels of the training images in `epoch`, counted from 0."""
        cycle, place = self.cycle_at(epoch)
        return cycle.sizes[place * len(cycle.sizes) // cycle.epochs]


@dataclass(frozen=True)
class StoppedRecipe(Recipe):
    """A recipe that ends after `stop_after` epochs, while the learning rate still falls."""

    stop_after: int = field(kw_only=True)

    @property
    def epochs(self) -> int:
        """Epochs until the stop."""
        return self.stop_after


# What the bundled network was trained by.
BUNDLED = StoppedRecipe(
    cycles=(Cycle(epochs=448, sizes=(112, 128, 144), learning_rate=5e-3, mix_probability=0.3),),
    batch_size=256,
    label_smoothing=0.0,
    stop_after=368,
)
