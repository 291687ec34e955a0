"""Starts the command line: `python -m eca_viz`."""

import sys

from eca_viz.cli import main

sys.exit(main())
