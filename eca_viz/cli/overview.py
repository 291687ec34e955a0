"""What `eca-viz --help` shows: every command in a line, below what it is for."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands

HEADINGS = {
    "look": ("app", "explain"),
    "networks": ("networks", "download", "inspect", "costs", "mechanisms"),
    "many images": ("statistics", "need", "prune"),
    "train and measure": ("train", "evaluate", "reference", "ablate", "bench", "samples"),
}
BEHIND = """eca-viz COMMAND --help lists the options of a command. The exit code is 0, 1 where
something was skipped, 2 for wrong usage or input that cannot be used, 3 for an error
that was not foreseen, whose traceback is in a log, 130 where Ctrl-C ended it."""


def overview(commands: "Commands") -> str:
    """The commands below their headings, each with its line of help."""
    about = {one.dest: one.help or "" for one in commands._get_subactions()}
    lines = []
    for heading, names in HEADINGS.items():
        lines += [f"{heading}:", *(f"  {name:<12}{about[name]}" for name in names), ""]
    return "\n".join([*lines, BEHIND])


def describe(parser: argparse.ArgumentParser, commands: "Commands") -> None:
    """Puts the overview where argparse would list all commands in a row."""
    commands.help = argparse.SUPPRESS
    parser.usage = f"{parser.prog} [-h] [--version] COMMAND ..."
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = overview(commands)
