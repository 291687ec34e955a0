"""The mechanisms that are recognised."""

import subprocess
import sys

from eca_viz.attention.descriptions import DESCRIPTIONS
from eca_viz.attention.registry import MECHANISMS


def test_mechanisms_have_distinct_names() -> None:
    names = [mechanism.name for mechanism in MECHANISMS]
    assert len(set(names)) == len(names)


def test_every_mechanism_is_described_once() -> None:
    assert [(m.name, m.title, m.formula) for m in MECHANISMS] == list(DESCRIPTIONS)


def test_descriptions_and_variants_do_not_wait_for_torch() -> None:
    code = (
        "import sys\n"
        "from eca_viz.attention.descriptions import DESCRIPTIONS\n"
        "from eca_viz.attention.variants import SWEEP, VARIANTS, Sizes, find_variant\n"
        "for variant in VARIANTS + SWEEP:\n"
        "    assert variant.title and variant.formula\n"
        "    variant.parameters(64, Sizes())\n"
        "assert 'torch' not in sys.modules\n"
        "find_variant('eca').build(64, Sizes())\n"
        "assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
