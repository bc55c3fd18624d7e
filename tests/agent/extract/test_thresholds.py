"""How sure a reading has to be, by what says what it is."""

import pytest

from agent.config import ExtractConfig
from agent.decode import decode
from agent.domain.document import Document


@pytest.mark.parametrize(
    ("payload", "threshold"),
    [
        ('{"temperature": 21.5}', 0.3),
        ("time,temperature\n12:00,21.5", 0.3),
        ("$IIMWV,214.8,R,10.5,N,A*21", 0.5),
        ("12:00;21.5;40;1013", 0.9),
    ],
)
def test_the_less_is_named_the_surer_it_has_to_be(payload, threshold):
    """Named values, a sentence that says its kind, bare columns."""
    document = decode(payload.encode(), "a/b")
    assert isinstance(document, Document)
    assert ExtractConfig(threshold=0.3, telegram_threshold=0.5, columns_threshold=0.9).threshold_of(document) == threshold
