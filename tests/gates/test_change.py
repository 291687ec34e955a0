"""Changes of the gates: their text, their numbers, and what each does to small gates by hand."""

import pytest
import torch

from eca_viz.errors import GateError, SelectionError
from eca_viz.gates.change import GateChange, as_changes, parse_change
from eca_viz.gates.kinds import KINDS, find_kind

GATES = torch.tensor([[0.1, 0.9, 0.4, 0.8]])


def apply(text: str, gates: torch.Tensor = GATES, reference: torch.Tensor | None = None) -> list:
    change = parse_change(text)
    return find_kind(change.kind).weights(gates, change.parameters, reference).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ones", [1, 1, 1, 1]),
        ("half", [0.5, 0.5, 0.5, 0.5]),
        ("layer_mean", [0.55, 0.55, 0.55, 0.55]),
        ("strongest=25,0", [0.1, 0, 0.4, 0.8]),
        ("strongest=26,0", [0.1, 0, 0.4, 0]),
        ("strongest=100,0.5", [0.5, 0.5, 0.5, 0.5]),
        ("weakest=50,1", [1, 0.9, 1, 0.8]),
        ("channel=2,0.25", [0.1, 0.9, 0.25, 0.8]),
    ],
)
def test_by_hand(text: str, expected: list[float]) -> None:
    assert apply(text)[0] == pytest.approx(expected)


def test_each_photograph_has_its_own_strongest_channel() -> None:
    gates = torch.tensor([[0.1, 0.9], [0.7, 0.2]])
    torch.testing.assert_close(
        torch.tensor(apply("strongest=50,0", gates)), torch.tensor([[0.1, 0], [0, 0.2]])
    )


def test_shuffling_keeps_the_values_and_follows_its_seed() -> None:
    gates = torch.linspace(0, 1, 50)[None]
    state = torch.random.get_rng_state()
    first, again, other = (apply(text, gates)[0] for text in ("shuffle=1", "shuffle=1", "shuffle"))
    assert first == again
    assert first != other
    assert sorted(first) == pytest.approx(gates[0].tolist())
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_reference_is_taken_for_each_channel() -> None:
    reference = torch.tensor([0.2, 0.3, 0.4, 0.5])
    assert apply("reference", GATES, reference)[0] == pytest.approx(reference.tolist())
    with pytest.raises(GateError, match="without mean gates"):
        apply("reference")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ones", "all:ones"),
        (" layer4 : shuffle = 3 ", "layer4:shuffle=3"),
        ("layer4.1.eca:channel=17", "layer4.1.eca:channel=17,0"),
        ("strongest=12,0.25", "all:strongest=12,0.25"),
        ("strongest", "all:strongest=10,0"),
        ("layer4:taps=0.1, -0.8,0.1", "layer4:taps=0.1,-0.8,0.1"),
        ("taps=2", "all:taps=2"),
        ("taps=0.12345678", "all:taps=0.12345678"),
    ],
)
def test_text_and_back(text: str, canonical: str) -> None:
    change = parse_change(text)
    assert str(change) == canonical
    assert parse_change(canonical) == change


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("zeros", "'zeros'; the changes are: ones, half"),
        ("", "called ''"),
        ("ones=1", "takes these numbers: none"),
        ("channel=1,2,3", "takes these numbers: index, value"),
        ("channel=a", "numbers with commas between"),
        ("channel=1,", "numbers with commas between"),
        ("channel=1,1.5", "goes from 0.0 to 1.0"),
        ("channel=1.5,1", "give a whole number"),
        ("strongest=0", "goes from 1 to 100"),
        ("strongest=nan", "goes from 1 to 100"),
        ("taps", "got 0 values for taps; give an odd number of them, up to 63"),
        ("taps=1,2", "got 2 values for taps"),
        ("taps=1,nan,2", "got tap = nan; a tap goes from"),
    ],
)
def test_a_wrong_text_is_answered_with_what_is_right(text: str, sentence: str) -> None:
    with pytest.raises(GateError, match=sentence):
        parse_change(text)


def test_a_channel_that_the_layer_does_not_have() -> None:
    with pytest.raises(SelectionError, match="got channel 4; the layer has 4, give 0 to 3"):
        apply("channel=4")


def test_one_or_several() -> None:
    change = GateChange("ones", "layer1")
    assert as_changes("layer1:ones") == as_changes(change) == as_changes([change]) == (change,)
    assert as_changes(()) == ()


def test_every_kind_says_what_it_does_in_one_way() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert kind.reading.endswith(".")
        assert (kind.weights is None) != (kind.rewire is None)


def test_equal_changes_have_one_hash() -> None:
    one, other = parse_change("layer4:shuffle=3"), parse_change("layer4 : shuffle=3")
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other, parse_change("layer4:shuffle=4")}) == 2
