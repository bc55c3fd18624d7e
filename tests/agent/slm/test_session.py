"""The shipped reader in ONNX Runtime."""

import json

import pytest

from agent.decode import decode
from agent.errors import DataError, RetryableError
from agent.slm.session import Reader


@pytest.fixture(scope="module")
def reader(model_folder):
    """The artifact, loaded."""
    return Reader(model_folder, threads=1)


def document(count):
    """A flat object of so many numbers."""
    return decode(json.dumps({f"channel{number}": number for number in range(count)}).encode())


def test_long_message_is_read_in_several_passes(reader):
    """Every candidate has a label, though no pass holds them all."""
    long = document(150)
    labels = reader.read(long, "plant/io")
    assert len(labels) == 150
    assert all(label.confidence > 0 for label in labels)


def test_deadline_is_looked_at_between_passes(reader):
    """A long message is given up in the middle."""
    with pytest.raises(RetryableError, match="deadline"):
        reader.read(document(150), "plant/io", lambda: True)


def test_message_that_would_hold_up_all_others_is_refused(reader):
    """Ten thousand keys are told at once, without a pass of the model."""
    with pytest.raises(DataError, match="send it in parts"):
        reader.read(document(10_000), "plant/io")
