"""The commands `networks`, `download`, `inspect` and `costs`."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eca_viz.cli.options import (
    SUCCESS,
    add_file_options,
    add_json_option,
    load,
    print_json,
    say,
    show_progress,
)

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands

MEBI, GIBI = 2**20, 2**30


def add_commands(commands: "Commands") -> None:
    """`networks`, `download`, `inspect` and `costs`."""
    networks = commands.add_parser("networks", help="list the networks that have a name")
    networks.add_argument(
        "--cached", action="store_true", help="only those whose weights are on this machine"
    )
    networks.add_argument(
        "--write",
        type=Path,
        metavar="FILE",
        help="build all of them from timm's and torchvision's registries and write the table "
        "that this command reads, the project's assets/networks.json",
    )
    add_json_option(networks)
    networks.set_defaults(run=_networks)

    download = commands.add_parser(
        "download",
        help="fetch the weights of an ImageNet network",
        description="Fetches the weights of an ImageNet network, once; one of timm's goes on where "
        "it was stopped.",
    )
    download.add_argument(
        "network", metavar="NAME", nargs="?", help="out of `networks`; default: a small ECA network"
    )
    download.set_defaults(run=_download)

    inspect = commands.add_parser("inspect", help="print a network's attention layers")
    inspect.add_argument(
        "network", metavar="NETWORK", help="a name, a checkpoint's path, or mymodel.py:build"
    )
    add_file_options(inspect)
    add_json_option(inspect)
    inspect.set_defaults(run=_inspect)

    costs = commands.add_parser("costs", help="count parameters and multiply-adds")
    costs.add_argument("network", metavar="NETWORK", nargs="?", help="default: the bundled one")
    add_file_options(costs)
    costs.add_argument(
        "--paper", action="store_true", help="Table 3 of the ECA paper beside our own counts"
    )
    add_json_option(costs)
    costs.set_defaults(run=_costs)


def _networks(options: argparse.Namespace) -> int:
    if options.write is not None:
        from eca_viz.networks.survey import write_table

        write_table(options.write)
        say(str(options.write))
        return SUCCESS
    rows = [row for row in _network_rows() if row["on_disk"] or not options.cached]
    if options.json:
        print_json(rows)
        return SUCCESS
    for row in rows:
        top1 = "" if row["top1"] is None else f", top-1 {row['top1']:.4f}"
        there = "on this disk" if row["on_disk"] else "downloads once"
        if not row["weights"]:
            there = "no trained weights, give a file"
        print(
            f"{row['name']:<40} {row['input']:>4} px  {row['layers']:>3} layers  "
            f"{row['parameters']:>11,} parameters  {there}{top1}, {row['licence']}, "
            f"{row['source']}"
        )
    return SUCCESS


def _network_rows() -> list[dict[str, Any]]:
    from eca_viz.networks.table import read_table

    return [
        {**dataclasses.asdict(row), "weights": bool(row.weights), "on_disk": row.on_disk()}
        for row in read_table()
    ]


def _download(options: argparse.Namespace) -> int:
    from eca_viz.networks.registry import IMAGENET_NETWORK, cached_imagenet, fetch, find_listed

    row = find_listed(options.network or IMAGENET_NETWORK)
    if row.on_disk():
        print(f"{row.name} is on this machine already")
        return SUCCESS
    print(
        f"{row.name}: {row.megabytes:.0f} MB, {row.classes:,} classes, licence {row.licence}, "
        f"{row.source}",
        flush=True,
    )
    say(str(fetch(row, show_progress)))
    print(f"It works offline from now on: --network {row.name}")
    if cached_imagenet() == row.name:
        _keep_samples(row.name)
        print("The app opens with it.")
    return SUCCESS


def _keep_samples(name: str) -> None:
    """Explains the sample images, so that the app's first page need not."""
    from eca_viz.export import stored
    from eca_viz.images.samples import SAMPLES
    from eca_viz.networks.loading import load_network
    from eca_viz.pipeline import first_look

    network = load_network(name)
    for number, sample in enumerate(SAMPLES):
        show_progress("Explaining the sample images", number / len(SAMPLES))
        stored.keep(first_look(sample.read(), network)[0])


def _inspect(options: argparse.Namespace) -> int:
    from eca_viz.analysis.kernels import kernel_table
    from eca_viz.pipeline import inspect

    network = load(options)
    table = kernel_table(inspect(network))
    if options.json:
        layers = json.loads(table.to_json(orient="records"))
        record = network.record
        found = {"network": record.title, "classes": len(record.labels), "sha256": record.sha256}
        print_json({**found, "layers": layers})
        return SUCCESS
    say(f"{network.record.title}, weights {network.record.sha256[:12]}")
    if table.empty:
        print("no attention layers")
        return SUCCESS
    for line in (
        table.dropna(axis="columns", how="all").to_string(index=False, na_rep="–").split("\n")
    ):
        say(line)
    return SUCCESS


def _costs(options: argparse.Namespace) -> int:
    return _paper_costs(options.json) if options.paper else _network_costs(options)


def _network_costs(options: argparse.Namespace) -> int:
    import pandas as pd

    from eca_viz.analysis.costs import cost_table, layer_cost_table
    from eca_viz.inspection.costs import network_costs

    costs = network_costs(load(options))
    if options.json:
        print_json(dataclasses.asdict(costs))
        return SUCCESS
    say(f"{costs.network}, one image of {costs.side} × {costs.side} pixels")
    table = pd.concat([cost_table(costs), layer_cost_table(costs)])
    for row in table.itertuples():
        say(
            f"{row.what:<40} {row.parameters:>12,} parameters ({row.parameters_mebi:.4f} × 2^20)  "
            f"{row.multiply_adds:>15,} multiply-adds ({row.multiply_adds_gibi:.6f} × 2^30)"
        )
    return SUCCESS


def _paper_costs(as_json: bool) -> int:
    from eca_viz.inspection.costs import paper_costs

    rows: list[dict[str, Any]] = [
        {
            "network": name,
            "parameters": cost.parameters,
            "parameters_mebi": round(cost.parameters / MEBI, 4),
            "paper_parameters_mebi": parameters,
            "multiply_adds": cost.multiply_adds,
            "multiply_adds_gibi": round(cost.multiply_adds / GIBI, 4),
            "paper_flops_gibi": round(flops, 4),
        }
        for name, cost, parameters, flops in paper_costs()
    ]
    if as_json:
        print_json(rows)
        return SUCCESS
    print("Table 3 of the ECA paper in its units (M = 2^20, G = 2^30), at 224 px")
    for row in rows:
        ours, theirs = row["parameters_mebi"], row["paper_parameters_mebi"]
        adds, flops = row["multiply_adds_gibi"], row["paper_flops_gibi"]
        print(
            f"{row['network']:<16} parameters {ours:8.3f} M, paper {theirs:6.2f} M, difference "
            f"{ours - theirs:+.3f} M   multiply-adds {adds:7.4f} G, paper {flops:7.4f} G, "
            f"difference {adds - flops:+.4f} G"
        )
    return SUCCESS
