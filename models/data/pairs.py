"""The units that each quantity is sent in, by all that the generator knows: what the agent takes for possible.

    python -m models.data.pairs

Writes ``agent/domain/quantity_units.tsv``; a test fails where kinds or lexicon hold a pair that it lacks.
"""

import argparse
import sys
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from models.data.generate import load_kinds
from models.data.lexicon import read_lexicon

HEAD = "# The UCUM codes that each quantity is sent in, written by `python -m models.data.pairs`. Without any unit all may be.\n"


def pairs() -> dict[str, list[str]]:
    """The units of each quantity, in the order of ``units.tsv``: its usual one, the lexicon's, the first answers of kinds."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, quantity in quantities().items():
        if quantity.unit is not None:
            found[name].add(quantity.unit)
    for word in read_lexicon()[0].values():
        found[word.quantity] |= {unit for unit, _ in word.values if unit is not None}
    for field in (field for kind in load_kinds() for field in kind.fields):
        if field.role == "reading" and field.units and field.units[0] is not None:
            found[field.quantities[0]].add(field.units[0])
    order = {code: index for index, code in enumerate(codes())}
    return {name: sorted(found[name], key=order.__getitem__) for name in quantities() if found[name]}


def as_text(units: dict[str, list[str]]) -> str:
    """The file's text."""
    return HEAD + "quantity\tunits\n" + "".join(f"{name}\t{' '.join(known)}\n" for name, known in units.items())


def main() -> int:
    """Command line."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    Path(str(files("agent.domain").joinpath("quantity_units.tsv"))).write_text(as_text(pairs()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
