"""The folders of what is shipped and of what is kept on this machine."""

import os
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
# Ranks of the true classes of all validation images under the shipped networks.
RANKS = STATISTICS / "validation_ranks.csv"
# The table of networks with a name, below ASSETS.
NETWORKS = Path("networks.json")
# What one start of the app keeps for the next ones.
KEPT = Path(
    os.environ.get("ECA_VIZ_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "eca_viz"
)
# Variables of the environment with which the command `app`, or `serve`, tells the app what it was
# given: a file of statistics, files of accuracies, the folder of the images, and a function that
# builds a network.
STATISTICS_VARIABLE = "ECA_VIZ_STATISTICS"
ACCURACY_VARIABLE = "ECA_VIZ_ACCURACY"
IMAGES_VARIABLE = "ECA_VIZ_IMAGES"
NETWORK_VARIABLE = "ECA_VIZ_NETWORK"
# Turns every download off unless it is empty or 0.
OFFLINE_VARIABLE = "ECA_VIZ_OFFLINE"
# The device on which networks compute.
DEVICE_VARIABLE = "ECA_VIZ_DEVICE"
