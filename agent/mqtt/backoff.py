"""Exponential back-off with full jitter: any time between nothing and a limit that doubles, so that many agents spread out."""

import random

BASE_SECONDS = 1.0
CAP_SECONDS = 60.0


def full_jitter(attempt: int, base_seconds: float = BASE_SECONDS, cap_seconds: float = CAP_SECONDS) -> float:
    """Seconds to wait after failure number ``attempt``, counted from 0."""
    return random.uniform(0.0, min(cap_seconds, base_seconds * 2.0 ** min(attempt, 30)))
