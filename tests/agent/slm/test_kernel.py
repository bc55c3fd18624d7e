"""int8 columns made of the int4 blocks that ship, and the choice between both by a timing."""

import json

import numpy as np
import pytest

from agent.decode import decode
from agent.slm.blocks import dequantize_blocks
from agent.slm.kernel import int8_columns, machine, remember, remembered
from agent.slm.manifest import MatrixEntry
from agent.slm.session import Reader, load_reader

PAYLOAD = b'{"temperature": 21.5, "humidity": 48, "battery": 91, "linkquality": 120}'


def test_columns_stand_for_the_same_matrix():
    """Codes of two blocks a row, packed low bits first; int8 with a scale a row is off by half a step at most."""
    rng = np.random.default_rng(1)
    codes, scales = rng.integers(0, 16, (3, 64), dtype=np.uint8), rng.random((3, 2), dtype=np.float32)
    packed = codes[:, 0::2] | (codes[:, 1::2] << 4)
    weight = dequantize_blocks(codes, scales, 4)
    columns, scale = int8_columns(packed, MatrixEntry(rows=3, inputs=64, bits=4, offset=0, scales_offset=0), scales)
    assert columns.shape == (64, 3)
    assert np.abs(columns.T * scale[:, None] - weight).max() <= scale.max() * 0.51


def test_both_kernels_read_alike(model_folder):
    """The same labels for a plain message, whatever the products are made of."""
    document = decode(PAYLOAD)
    one, other = (Reader(model_folder, 1, kernel).read(document, "zigbee2mqtt/kitchen") for kernel in ("int4", "int8"))
    assert [(label.role, label.quantity, label.unit) for label in one] == [(label.role, label.quantity, label.unit) for label in other]


def test_a_first_start_times_both_and_later_ones_remember(model_folder, tmp_path):
    """The choice is a file with both times; the next start takes it without a timing."""
    path = tmp_path / "kernel.json"
    first = load_reader(model_folder, 1, "auto", path)
    told = json.loads(path.read_text())
    assert first.kernel == told["kernel"] == ("int8" if 3 * told["ms"]["int8"] < told["ms"]["int4"] else "int4")
    path.write_text(json.dumps({**told, "kernel": "int8"}))
    assert load_reader(model_folder, 1, "auto", path).kernel == "int8"
    assert load_reader(model_folder, 1, "int4", path).kernel == "int4"


@pytest.mark.parametrize("change", [{"model": "other"}, {"machine": {"cpu": "other"}}, {"kernel": "int2"}])
def test_a_choice_for_other_circumstances_is_made_again(tmp_path, change):
    """Another model, CPU or runtime: time it again."""
    path = tmp_path / "kernel.json"
    assert remember(path, "digest", {"int4": 31.0, "int8": 10.0}) == "int8"
    assert remembered(path, "digest") == "int8"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert remembered(path, "digest") is None


def test_int8_has_to_be_far_faster(tmp_path):
    """It reads less well, so a little time is no reason."""
    assert remember(tmp_path / "kernel.json", "digest", {"int4": 29.0, "int8": 10.0}) == "int4"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"kernel": "int8"}'])
def test_a_damaged_memory_is_no_memory(tmp_path, content):
    """It is written anew by the next timing."""
    path = tmp_path / "kernel.json"
    path.write_text(content)
    assert remembered(path, "digest") is None
    assert machine()["cpu"]
