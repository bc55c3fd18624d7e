"""The four packets of MQTT 3.1.1 that a publisher at QoS 0 needs, as bytes (OASIS standard, sections 3.1 to 3.3 and 3.14)."""

DISCONNECT = b"\xe0\x00"
CLEAN_SESSION, HAS_PASSWORD, HAS_USERNAME = 0x02, 0x40, 0x80
CONNACK_BYTES = 4
REFUSALS = {
    1: "it does not speak MQTT 3.1.1", 2: "it does not take the client identifier", 3: "it is not available",
    4: "bad user name or password", 5: "not authorised",
}  # fmt: skip


def length(size: int) -> bytes:
    """A remaining length: seven bits a byte, the least significant first, the top bit set on all but the last."""
    text = bytearray()
    while size > 127:
        text.append(size & 127 | 128)
        size >>= 7
    text.append(size)
    return bytes(text)


def text(value: str) -> bytes:
    """A UTF-8 string behind its length in two bytes."""
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def connect(client_id: str, username: str | None = None, password: str | None = None) -> bytes:
    """A CONNECT with a clean session and no keep-alive; without a user name the protocol has no password, and none is sent."""
    flags, credentials = CLEAN_SESSION, b""
    if username is not None:
        flags |= HAS_USERNAME
        credentials += text(username)
        if password is not None:
            flags |= HAS_PASSWORD
            credentials += text(password)
    body = text("MQTT") + bytes((4, flags, 0, 0)) + text(client_id) + credentials
    return b"\x10" + length(len(body)) + body


def publish(topic: str, payload: bytes, retain: bool) -> bytes:
    """A PUBLISH at QoS 0."""
    name = topic.encode()
    size = 2 + len(name) + len(payload)
    return b"".join((b"\x31" if retain else b"\x30", length(size), len(name).to_bytes(2, "big"), name, payload))


def refusal(connack: bytes) -> str | None:
    """Why a CONNACK says no; None where it says yes."""
    if len(connack) < CONNACK_BYTES or connack[0] != 0x20:
        return "it answered something else than MQTT does"
    return None if connack[3] == 0 else REFUSALS.get(connack[3], f"return code {connack[3]}")
