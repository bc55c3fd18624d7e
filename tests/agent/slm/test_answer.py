"""Probabilities become labels; the unit that stands beside a value counts for its code."""

import numpy as np
import pytest

from agent.domain.document import Candidate
from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.slm.answer import FIRST_UNIT, UNIT_NULL, UNIT_WRITTEN, choose_label, empty, possible, unit_class, unit_shares

NAMES = list(quantities())


def unit_scores(**shares):
    """Scores of the unit head by name."""
    scores = np.zeros(len(codes()) + FIRST_UNIT, np.float32)
    for name, share in shares.items():
        scores[{"null": UNIT_NULL, "written": UNIT_WRITTEN}.get(name, FIRST_UNIT + codes().index(name) if name in codes() else 0)] = share
    return scores


@pytest.mark.parametrize(
    ("shares", "text", "unit"),
    [
        ({"Cel": 0.6, "null": 0.4}, None, "Cel"), ({"Cel": 0.3, "null": 0.7}, None, None), ({"written": 0.6, "Cel": 0.4}, "°F", "[degF]"),
        ({"written": 0.6, "Cel": 0.4}, None, "Cel"), ({"written": 0.6, "Cel": 0.4}, "nonsense", "Cel"),
        ({"written": 0.4, "V": 0.35, "null": 0.25}, "V", "V"),
    ],
)  # fmt: skip
def test_unit_as_written_counts_for_the_code_it_reads_as(shares, text, unit):
    """The class "as written" without a readable unit is no answer: the next best is taken."""
    assert int(unit_shares(unit_scores(**shares), text).argmax()) == unit_class(unit)


@pytest.mark.parametrize("exponent", [1.0, 0.5])
def test_label_has_the_probability_that_all_of_it_is_right(exponent):
    """Confidence is role times quantity times unit, to the model's exponent."""
    found = empty(1, exponent)
    found.role[0] = [0.9, 0, 0, 0.1]
    found.quantity[0, NAMES.index("temperature")] = 0.8
    found.unit[0] = unit_scores(Cel=0.5, K=0.2, null=0.3)
    label = choose_label(Candidate("t", "21", 0, "number"), found, 0)
    assert (label.role, label.quantity, label.unit) == ("reading", "temperature", "Cel")
    assert label.confidence == pytest.approx((0.9 * 0.8 * 0.5) ** exponent, abs=1e-3)


@pytest.mark.parametrize(
    ("flow", "temperature", "cel", "expected"),
    [
        (0.5, 0.4, 0.9, ("temperature", "Cel")),
        (0.5, 0.01, 0.5, ("volume_flow_rate", None)),
        (0.96, 0.04, 0.97, ("volume_flow_rate", "Cel")),
    ],
)
def test_quantity_and_unit_that_do_not_go_together_are_chosen_together(flow, temperature, cel, expected):
    """The unit tells the quantity, or none is told; what the model is sure of stays."""
    found = empty(1, 1.0)
    found.role[0, 0] = 1.0
    found.quantity[0, NAMES.index("volume_flow_rate")] = flow
    found.quantity[0, NAMES.index("temperature")] = temperature
    found.unit[0] = unit_scores(Cel=cel, null=1 - cel)
    label = choose_label(Candidate("flow_c", "52", 0, "number"), found, 0)
    assert (label.quantity, label.unit) == expected
    assert label.confidence <= cel


def test_every_quantity_has_its_usual_unit():
    """And may have none."""
    table = possible()
    assert all(table[row, UNIT_NULL] and table[row, unit_class(quantity.unit)] for row, quantity in enumerate(quantities().values()))


def test_polarity_is_told_of_binaries_only():
    """A number has no polarity, whatever the head says."""
    found = empty(1, 1.0)
    found.role[0] = [1, 0, 0, 0]
    found.inverted[0] = 0.9
    found.unit[0] = unit_scores(null=1.0)
    found.quantity[0, NAMES.index("opening")] = 0.8
    assert choose_label(Candidate("c", "true", 0, "bool"), found, 0).inverted
    found.quantity[0] = 0
    found.quantity[0, NAMES.index("temperature")] = 0.8
    assert not choose_label(Candidate("c", "1", 0, "number"), found, 0).inverted


def test_other_roles_carry_no_quantity():
    """A device's identity is a label without quantity and unit."""
    found = empty(1, 1.0)
    found.role[0] = [0.1, 0.8, 0.05, 0.05]
    label = choose_label(Candidate("id", "x9", 0, "word"), found, 0)
    assert (label.role, label.quantity, label.unit) == ("device", None, None)
