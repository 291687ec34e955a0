"""A network of one's own in a file, as a user writes it."""

import textwrap
from pathlib import Path

OWN_NETWORK = """
    import torch
    from torch import nn
    from beside import WIDTH

    labels = ["cat", "dog", "cup"]
    preprocess = {"resize": 40, "crop": 32}


    class Eca(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

        def forward(self, x):
            y = self.conv(x.mean((2, 3))[:, None])
            return x * torch.sigmoid(y).transpose(1, 2)[..., None]


    class Odd(Eca):
        def forward(self, x):
            y = self.conv(x.square().mean((2, 3))[:, None])
            return x * torch.sigmoid(y).transpose(1, 2)[..., None]


    class Spatial(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 3, padding=1)

        def forward(self, x):
            return x * torch.sigmoid(self.conv(x.mean(1, keepdim=True)))


    def build():
        from later import SEED

        torch.manual_seed(SEED)
        return nn.Sequential(
            nn.Conv2d(3, WIDTH, 3, stride=2), nn.ReLU(inplace=True), Eca(), Odd(), Spatial(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTH, 3),
        )


    def broken():
        raise RuntimeError("no weights here")


    NUMBER = 3
"""


def write_own_network(folder: Path) -> Path:
    """A file with a function `build`: an ECA layer, one without known formula, a spatial gate."""
    (folder / "beside.py").write_text("WIDTH = 8\n")
    (folder / "later.py").write_text("SEED = 0\n")
    path = folder / "mymodel.py"
    path.write_text(textwrap.dedent(OWN_NETWORK))
    return path


SEGMENTER = """
    import torch
    from torch import nn
    from torchvision.ops import SqueezeExcitation

    preprocess = {"resize": 40, "crop": 32}

    def SCORE(maps):
        return maps[:, 1].mean((1, 2))


    def build():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), SqueezeExcitation(8, 4),
            nn.Conv2d(8, 2, 3, padding=1),
        )
"""


def write_segmenter(folder: Path, *, scored: bool) -> Path:
    """A file with a function `build`: a network that gives a map of each of two classes."""
    path = folder / "segmenter.py"
    path.write_text(textwrap.dedent(SEGMENTER).replace("SCORE", "score" if scored else "area"))
    return path


BY_OUTPUT = """
    import torch
    from timm.layers import create_attn
    from torch import nn
    from tests.layers_by_output import SRM, ContextBlock, OfficialGCT

    preprocess = {"resize": 40, "crop": 32}
    labels = ["cat", "dog", "cup"]


    def build():
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Conv2d(3, 24, 3, stride=2), SRM(), OfficialGCT(), ContextBlock(),
            create_attn("ecam", 24), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 3),
        )
        for parameter in model.parameters():
            nn.init.normal_(parameter, std=0.7)
        return model
"""


def write_network_by_output(folder: Path) -> Path:
    """A file with a function `build`: layers that are explained beside their input and output."""
    path = folder / "by_output.py"
    path.write_text(textwrap.dedent(BY_OUTPUT))
    return path
