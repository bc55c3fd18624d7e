"""A reader that gets more layers."""

import torch

from models.grow import grow
from models.reader import Reader, ReaderConfig
from models.trunk import Layer


def test_grown_reader_says_what_it_said_and_can_learn():
    """The same logits at first; the new output matrices get a gradient, so that training wakes the new layers."""
    torch.manual_seed(3)
    reader = Reader(ReaderConfig(vocabulary=30, quantities=5, units=4, groups=(1,), ffn=(64,), hidden=32, head_size=8)).eval()
    new = [Layer(reader.config, 2, 48), Layer(reader.config, 2, 48)]
    grown = grow(reader, new, 16, [[1, 2, 3, 4], [5, 6, 7]]).eval()
    assert (grown.config.groups, grown.config.ffn) == ((1, 2, 2), (64, 16, 16))
    asked = (torch.tensor([[3, 4, 5, 6]]), None, torch.tensor([0]), torch.tensor([[1, 2, 3]]))
    assert torch.equal(grown(*asked).quantity, reader(*asked).quantity)
    grown(*asked).quantity.sum().backward()
    for layer in list(grown.layers)[1:]:
        assert layer.o.weight.grad.abs().sum() > 0
        assert layer.down.weight.grad.abs().sum() > 0


def test_most_active_neurons_are_taken():
    """A neuron whose output column is zero adds nothing and is left behind."""
    torch.manual_seed(3)
    reader = Reader(ReaderConfig(vocabulary=30, quantities=5, units=4, groups=(1,), ffn=(64,), hidden=32, head_size=8)).eval()
    layer = Layer(reader.config, 1, 8)
    with torch.no_grad():
        layer.down.weight[:, :4] = 0
    grown = grow(reader, [layer], 4, [[1, 2, 3, 4]])
    gate, _ = grown.layers[1].gate_up.weight.chunk(2)
    assert torch.equal(gate, layer.gate_up.weight.chunk(2)[0][4:])
