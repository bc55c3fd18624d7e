"""Which redeliveries are here already: committed, or still being read.

A broker has at most a window of messages unacknowledged, and our acknowledgements reach it in order. So a redelivered message
that was committed is one of the last window of commits, and no more need to be remembered. Remembering many more would do harm:
a packet identifier comes round, and a sensor that repeats itself would be taken for a redelivery.
"""

from collections import OrderedDict
from collections.abc import Iterable


class Ledger:
    """Digests of the last ``limit`` messages committed."""

    def __init__(self, digests: Iterable[bytes], limit: int) -> None:
        self._limit = limit
        self._committed: OrderedDict[bytes, None] = OrderedDict()
        for digest in digests:
            self.add(digest)

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._committed

    def __len__(self) -> int:
        return len(self._committed)

    def add(self, digest: bytes) -> None:
        """Note a commit; the oldest makes room."""
        self._committed.pop(digest, None)
        self._committed[digest] = None
        while len(self._committed) > self._limit:
            self._committed.popitem(last=False)
