"""A message's id (UUID version 7, RFC 9562: sorts by arrival) and the digest by which a redelivery is known."""

import hashlib
import random
from datetime import datetime
from uuid import UUID

DIGEST_BYTES = 16


def message_id(received_at: datetime) -> str:
    """A new id whose first 48 bits are the arrival time in milliseconds."""
    milliseconds = int(received_at.timestamp() * 1000) & 0xFFFFFFFFFFFF
    chance = random.getrandbits(74)  # from the operating system's seed; a call of the system for each id is half a message's time
    bits = (milliseconds << 80) | (0x7 << 76) | ((chance >> 62) << 64) | (0b10 << 62) | (chance & ((1 << 62) - 1))
    return str(UUID(int=bits))


def delivery_digest(topic: str, payload: bytes, packet_id: int) -> bytes:
    """Equal for a message and its redelivery, which has the same packet identifier (MQTT 5, section 4.4)."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    name = topic.encode("utf-8", "surrogatepass")
    digest.update(packet_id.to_bytes(4, "big") + len(name).to_bytes(4, "big") + name)
    digest.update(payload)
    return digest.digest()
