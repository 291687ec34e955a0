"""Starts the command line: `python -m eca_viz`."""

import sys

from eca_viz.cli.main import main

sys.exit(main())
