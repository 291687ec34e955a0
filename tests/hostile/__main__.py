"""Gives the package what somebody made up to harm or to confuse it, and prints what comes of it.

    python -m tests.hostile [KIND …] [--full] [--sentences]

prints a line for each kind: how many got one sentence, how many were accepted, the longest time of
one and the largest memory of a process. Ends with 1 where one got anything else: a traceback,
several lines, text of a library. With --full there are ten times as many damaged files.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.hostile.measured import Result, measure

# Kind → the module with its cases.
KINDS = {
    "images": "tests.hostile.images",
    "weight_files": "tests.hostile.weight_files",
    "tables": "tests.hostile.tables",
    "names": "tests.hostile.names",
    "addresses": "tests.hostile.addresses",
    "command_lines": "tests.hostile.command_lines",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table of the kinds that the arguments name; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hostile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--full", action="store_true", help="ten times as many damaged files")
    parser.add_argument("--sentences", action="store_true", help="print what each case got")
    options = parser.parse_args(arguments)
    if unknown := set(options.kinds) - KINDS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    print(f"{'kind':14} {'cases':>7} {'sentence':>9} {'accepted':>9} {'memory':>9}  longest")
    failed = False
    for kind in options.kinds or KINDS:
        result = measure(KINDS[kind], options.full)
        print(_row(kind, result), flush=True)
        if options.sentences:
            for one in result.outcomes:
                print(f"    {one.name} ({one.seconds:.2f} s): {one.sentence or 'accepted'}")
        for name, problem in result.failures():
            failed = True
            print(f"    FAILED {name}: {problem}")
    return int(failed)


def _row(kind: str, result: Result) -> str:
    good = [one for one in result.outcomes if not one.problem]
    sentences = sum(bool(one.sentence) for one in good)
    longest = max(result.outcomes, key=lambda one: one.seconds, default=None)
    return (
        f"{kind:14} {len(result.outcomes):7,} {sentences:9,} {len(good) - sentences:9,} "
        f"{result.megabytes:6,.0f} MB  "
        + (f"{longest.seconds:.1f} s, {longest.name}" if longest else "–")
    )


if __name__ == "__main__":
    sys.exit(main())
