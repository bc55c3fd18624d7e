"""The one entry: payload -> text -> format -> candidates. Pure, no clock and no I/O."""

from agent.decode.charset import to_text
from agent.decode.detect import read
from agent.domain.document import Document, Undecodable


def decode(payload: bytes, topic: str = "", *, content_type: str | None = None) -> Document | Undecodable:
    """What a payload holds.

    ``content_type`` is the MQTT 5 property, of which the charset counts; the format is seen from the text alone.
    No format needs ``topic`` today; callers pass it for the one that will.
    """
    del topic
    text = to_text(payload, content_type)
    if isinstance(text, Undecodable):
        return text
    return read(text.text, text.encoding)
