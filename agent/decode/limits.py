"""How much one payload may ask of decoding. What lies beyond is refused or counted, never silently cut."""

MAX_BYTES = 256 * 1024
"""Of the payload as it came, and of its text after inflation."""
MAX_CANDIDATES = 10_000
MAX_PATH_CHARS = 256
"""A deeper path stops growing: 10,000 nested lists would else cost a gigabyte of names."""
MAX_KEY_CHARS = 96
MAX_PHRASE_CHARS = 120
"""A longer string without numbers is no state; it stays one opaque candidate."""
