"""How many labelled literals does decoding offer as candidates? What it misses here, no model can read.

    python -m models.recall FILES... [--missed 30]

A label counts where a candidate has exactly its start and its literal. Prints, for each file and format: messages,
recall of readings, of times and devices (those whose literal
stands in the payload, for a device in the payload alone), candidates a message, and how
often the detected format is the labelled one.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.decode import decode
from agent.domain.document import Undecodable
from models.data.corpus import Record, read_corpus


@dataclass(slots=True)
class Tally:
    """The counts of one format."""

    messages: int = 0
    readings: int = 0
    found: int = 0
    times: int = 0
    times_found: int = 0
    devices: int = 0
    devices_found: int = 0
    candidates: int = 0
    formats: Counter[str] = field(default_factory=Counter)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:7.2f}" if whole else "      -"


def count(record: Record, tally: Tally) -> list[str]:
    """Add one message to the tally; a line for each label that was missed."""
    payload: str = record["payload"]
    document = decode(payload.encode("utf-8", "surrogatepass"), record["topic"], content_type=None)
    tally.messages += 1
    if isinstance(document, Undecodable):
        tally.formats[document.reason] += 1
        spans: dict[tuple[int, str], str] = {}
    else:
        tally.formats[document.format] += 1
        tally.candidates += len(document.candidates)
        spans = {(item.start, item.literal): item.path for item in document.candidates}
    literals = {literal for _, literal in spans}
    missed = []
    for reading in record["readings"]:
        tally.readings += 1
        if (reading["start"], reading["literal"]) in spans:
            tally.found += 1
        else:
            missed.append(_line(record, payload, reading))
    if record.get("time") and record["time"] in payload:
        tally.times += 1
        tally.times_found += record["time"] in literals
        if record["time"] not in literals:
            missed.append(f"  time   {record['id']}: {record['time']!r}")
    if record.get("device") and record["device"] in payload and record["device"] not in record["topic"]:
        tally.devices += 1
        tally.devices_found += record["device"] in literals
        if record["device"] not in literals:
            missed.append(f"  device {record['id']}: {record['device']!r} in {payload[:100]!r}")
    return missed


def _line(record: Record, payload: str, reading: Record) -> str:
    start, end = reading["start"], reading["start"] + len(reading["literal"])
    before, behind = payload[max(0, start - 40) : start], payload[end : end + 24]
    return f"  {record['format']:9}{record['id']}: {before!r} >{payload[start:end]}< {behind!r}"


def measure(path: Path, most_missed: int, kinds: Sequence[str]) -> None:
    """Print the table of one file."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    missed: list[str] = []
    for record in read_corpus(path):
        lines = count(record, tallies[record["format"]])
        if not kinds or record["format"] in kinds:
            missed += lines
    print(f"{path.name}\n  format    messages readings  recall    time  device  cand/msg  detected as")
    for name, tally in sorted(tallies.items()):
        print(
            f"  {name:9} {tally.messages:8} {tally.readings:8} {_share(tally.found, tally.readings)}"
            f" {_share(tally.times_found, tally.times)} {_share(tally.devices_found, tally.devices)}"
            f" {tally.candidates / tally.messages:9.1f}  {dict(tally.formats.most_common())}"
        )
    for line in missed[:most_missed]:
        print(line)


def main() -> None:
    """Measure each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--missed", type=int, default=0, metavar="N", help="print the first N labels that were missed")
    parser.add_argument("--format", action="append", default=[], help="misses of this format only; repeatable")
    arguments = parser.parse_args()
    for path in arguments.files:
        measure(path, arguments.missed, arguments.format)


if __name__ == "__main__":
    main()
