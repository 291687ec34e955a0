"""The folder of the shipped weights and statistics."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# Beside the package in a checkout, inside it where it was installed.
ASSETS = next(
    (folder for folder in (_PACKAGE / "assets", _PACKAGE.parent / "assets") if folder.is_dir()),
    _PACKAGE.parent / "assets",
)
STATISTICS = ASSETS / "statistics"
# The table of the ablation's runs, below ASSETS.
ABLATION = Path("statistics", "ablation.csv")
# The table of networks with a name, below ASSETS.
NETWORKS = Path("networks.json")
