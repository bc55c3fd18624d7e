"""The mean of readers."""

import pytest
import torch

from models.average import average
from models.checkpoint import finished, save
from models.reader import Reader, ReaderConfig


def kept(folder, seed, ffn=64):
    """A run with a small reader of random weights."""
    torch.manual_seed(seed)
    reader = Reader(ReaderConfig(vocabulary=30, quantities=5, units=4, groups=(1,), ffn=(ffn,), hidden=32, head_size=8))
    folder.mkdir()
    save(finished(folder, Reader), reader, None, {"step": 10, "config": {"seed": seed}})
    return folder, reader


def test_every_weight_is_the_mean(tmp_path):
    """Of two readers, and it is told what they were trained with."""
    (one, first), (two, second) = kept(tmp_path / "one", 1), kept(tmp_path / "two", 2)
    made, about = average([one, two])
    for name, value in made.state_dict().items():
        assert torch.allclose(value, (first.state_dict()[name] + second.state_dict()[name]) / 2, atol=1e-6), name
    assert about == {"step": 20, "config": {"mean_of": [{"seed": 1}, {"seed": 2}]}}


def test_other_sizes_have_no_mean(tmp_path):
    """A pruned reader is another one."""
    runs = [kept(tmp_path / "one", 1)[0], kept(tmp_path / "two", 2, ffn=32)[0]]
    with pytest.raises(ValueError, match="same sizes"):
        average(runs)
