"""Optimal Brain Damage on structures: what goes, and that what stays computes as before."""

import pytest
import torch

from agent.slm.prompt import Prompt
from models.data.examples import Example, Target
from models.prune import reader_saliency
from models.reader import Reader, ReaderConfig
from models.structures import choose, group_columns, layer_parameters, structures, without
from models.trunk import layers_of


@pytest.fixture
def reader():
    """Four small layers with random weights."""
    torch.manual_seed(3)
    sizes = ReaderConfig(
        vocabulary=50, quantities=162, units=391, groups=(3,) * 4, ffn=(96, 96, 64, 96), hidden=64, head_size=16, causal_layers=2
    )
    return Reader(sizes).eval()


def states(reader):
    """The trunk's output on a fixed prompt."""
    with torch.no_grad():
        return reader.states(torch.arange(1, 21)[None, :])


def test_structures_that_do_nothing_go_first_and_change_nothing(reader):
    """Neurons and a group whose output weights are zero have no saliency; without them the reader says the same."""
    with torch.no_grad():
        layers_of(reader)[1].down.weight[:, 5:37] = 0
        layers_of(reader)[1].gate_up.weight[5:37] = 0
        layers_of(reader)[1].gate_up.weight[96 + 5 : 96 + 37] = 0
        layers_of(reader)[2].o.weight[:, group_columns(layers_of(reader)[2])[1]] = 0
    example = Example(Prompt((1, 2, 3, 4), (0,), ((0, 1, 2, 0),)), (Target(0, (1,), (2,)),))
    found = list(structures(reader, reader_saliency(reader, "obd", [example])))
    idle = [one for one in found if one.saliency == 0]
    assert {(one.layer, one.kind) for one in idle} == {(1, "neurons"), (2, "group")}
    budget = layer_parameters(reader) - sum(one.parameters for one in idle)
    small = without(reader, choose(found, 4, 4, budget)).eval()
    assert (small.config.groups, small.config.ffn) == ((3, 3, 2, 3), (96, 64, 64, 96))
    assert layer_parameters(small) == budget
    assert torch.allclose(states(small), states(reader), atol=1e-5)


def test_saliency_is_half_the_squared_gradient_times_the_squared_weight(reader):
    """One prompt, one weight: the formula of the paper with the Fisher diagonal."""
    example = Example(Prompt((1, 2, 3, 4), (0,), ((0, 1, 2, 0),)), (Target(0, (1,), (2,)),))
    one = reader_saliency(reader, "obd", [example])["0.down.weight"]
    twice = reader_saliency(reader, "obd", [example, example])["0.down.weight"]
    assert float(one.sum()) > 0
    assert torch.allclose(one, twice)


@pytest.mark.parametrize("score", ["magnitude", "activation"])
def test_other_scores_rank_every_structure(reader, score):
    """A budget of half the parameters is kept, whatever the score."""
    example = Example(Prompt((1, 2, 3, 4), (0,), ((0, 1, 2, 0),)), (Target(3),))
    found = list(structures(reader, reader_saliency(reader, score, [example])))
    small = without(reader, choose(found, 4, 4, layer_parameters(reader) // 2))
    assert 0.35 * layer_parameters(reader) < layer_parameters(small) <= 0.5 * layer_parameters(reader)
    assert states(small.eval()).isfinite().all()


def test_whole_layers_go_and_the_mask_stays_with_its_layers(reader):
    """The first and the last layer stay; a causal layer that is gone is counted off."""
    found = list(structures(reader, reader_saliency(reader, "magnitude", [])))
    small = without(reader, choose(found, 2, 4, layer_parameters(reader)))
    assert small.config.layers == 2
    assert small.config.causal_layers == 1
    assert torch.equal(layers_of(small)[0].o.weight, layers_of(reader)[0].o.weight)
    assert torch.equal(layers_of(small)[1].o.weight, layers_of(reader)[3].o.weight)
