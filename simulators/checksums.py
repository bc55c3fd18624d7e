"""The checksums that telegrams end with."""


def nmea(text: str) -> str:
    """``*hh`` behind ``$...``: the exclusive or of everything between ``$`` and ``*`` (NMEA 0183)."""
    check = 0
    for byte in text.lstrip("$").encode("ascii"):
        check ^= byte
    return f"*{check:02X}"


def _crc16_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
    return byte


CRC16 = tuple(map(_crc16_of, range(256)))
"""What each byte does to CRC-16/ARC."""


def crc16(data: bytes) -> int:
    """CRC-16/ARC: polynomial x16+x15+x2+1, least significant bit first, beginning at 0."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ CRC16[(crc ^ byte) & 0xFF]
    return crc


def p1(text: str) -> str:
    """CRC of a DSMR P1 telegram: over everything from ``/`` to ``!`` (P1 companion standard 5.0.2, section 5.2)."""
    return f"{crc16(text.encode('ascii')):04X}\r\n"
