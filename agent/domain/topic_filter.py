"""What makes a topic filter valid (MQTT 5, section 4.7): configuration, commands and the connection all ask the same question."""

MAX_FILTER_BYTES = 65535


def filter_fault(topic_filter: str) -> str | None:
    """What is wrong with a topic filter, as a phrase; None for a valid one."""
    if not topic_filter:
        return "is empty"
    if len(topic_filter.encode("utf-8", "surrogatepass")) > MAX_FILTER_BYTES:
        return f"is longer than {MAX_FILTER_BYTES} bytes"
    if any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 or 0xD800 <= ord(letter) < 0xE000 for letter in topic_filter):
        return "holds a control character"
    levels = topic_filter.split("/")
    for index, level in enumerate(levels):
        if "#" in level and (level != "#" or index != len(levels) - 1):
            return "may have # only alone in the last level"
        if "+" in level and level != "+":
            return "may have + only alone in a level"
    return None
