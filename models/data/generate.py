"""Draws labelled messages from the data files, in the corpus format (shared FORMAT.md): labels first, payload after.

    python -m models.data.generate --count 20 --seed 1 > messages.jsonl
    python -m models.data.generate --file models/data/devices/home.toml --show 5
    python -m models.data.generate --stats

Three sources: kinds of devices (with their fields as the products send them, restyled at times), mixtures of several kinds (so that a
field is known by itself, not by its company), and compositions from the lexicon (devices that nobody knows). One seed gives the same
messages.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from agent.domain.quantity import quantities
from models.data import lexicon as lex
from models.data.compose import compose
from models.data.kinds import DEVICES, Field, Kind, read_kinds
from models.data.message import Record, draw_leaf, fill_topic, in_envelope, is_idle, load_envelopes, record
from models.data.render import (
    Leaf,
    Writer,
    build_tree,
    flat,
    render_csv,
    render_influx,
    render_json,
    render_kv,
    render_line,
    render_xml,
)  # fmt: skip
from models.data.values import parse_value


@cache
def load_kinds(folder: Path = DEVICES) -> tuple[Kind, ...]:
    """Every kind of the folder; faults are left to ``models.data.kinds``, which a test runs."""
    return tuple(kind for path in sorted(folder.glob("*.toml")) for kind in read_kinds(path)[0])


UNIT_KEY = re.compile(r"(?i)(?:^|[_ ])(?:units?|uom|u|einheit|unidad|unite)(?:$|[_ ])|unit(?:s|Code|Text|OfMeasurement)?$")
"""Of a field, or of a map of fields, that says what others are measured in."""
VALUE_KEYS = frozenset(
    "value val v state reading data wert valor valeur waarde hodnota wartość värde arvo érték valoare değer значение "
    "值 数值 値 측정값 giá_trị".split()
)
"""Of a field that says nothing by itself: what it is stands beside it."""
NAMING_KEY = re.compile(r"(?i)(?:^|[_ ])(?:names?|label|type|key|code|obis|id|sensor|channel|property|attribute|metric|parameter|n)$")
"""Of a field beside or above a value that may say what the value is, as any text may."""


def _is_unit(field: Field) -> bool:
    return any(UNIT_KEY.search(step) for step in field.path.split("."))


def _needed(kind: Kind) -> set[str]:
    """Paths of the fields without which others would not mean what they do: units, and what stands beside or above a value and names it."""
    over: set[str] = set()
    for field in kind.fields:
        parent, _, key = field.path.rpartition(".")
        if key.lower() in VALUE_KEYS:
            over.update(parent[: cut.start()] for cut in re.finditer(r"[.\[]|$", parent))
            over.add("")

    def names(field: Field) -> bool:
        parent, _, key = field.path.rpartition(".")
        return parent in over and (field.value.source[0].isalpha() or bool(NAMING_KEY.search(key)))

    return {field.path for field in kind.fields if field.role == "none" and (_is_unit(field) or names(field))}


def _chosen(kind: Kind, rng: random.Random) -> list[Field]:
    """The fields that this message has: all, or some; order kept mostly.

    Columns without a header are what their places say: all of them, in order. Where some are left out, units and names of values are not.
    """
    if kind.format == "csv" and not kind.header:
        return list(kind.fields)
    fields = [field for field in kind.fields if not (field.value.maybe and rng.random() < 0.4)]
    needed = _needed(kind)
    mood = rng.random()
    if mood < 0.3 and len(fields) > 3:
        share = rng.uniform(0.3, 0.9)
        fields = [field for field in fields if rng.random() < share or field.path in needed] or fields[:2]
    if len(fields) > 25:
        start = rng.randrange(len(fields) - 20)
        window = range(start, start + rng.randrange(8, 25))
        fields = [field for place, field in enumerate(fields) if place in window or field.path in needed]
    if rng.random() < 0.2:
        rng.shuffle(fields)
    return fields


def _renamed(leaves: list[Leaf], rng: random.Random) -> list[Leaf]:
    """The same leaves with their keys in another casing, flattened, or shortened to the last step."""
    mood = rng.random()
    if mood < 0.75:
        return leaves
    if mood < 0.87:
        joint = rng.choice(["_", ".", "/", "-"])
        return [replace(leaf, path=leaf.path.replace("[", joint).replace("]", "").replace(".", joint)) for leaf in leaves]
    case = rng.choice(["snake", "camel", "pascal", "upper", "kebab"])
    done = []
    for leaf in leaves:
        head, dot, key = leaf.path.rpartition(".")
        words = _words(key)
        done.append(replace(leaf, path=head + dot + (lex.cased(words, case) if words else key)))
    return done


def _words(key: str) -> str:
    """``batteryVoltage_mV`` -> ``battery voltage m v``-like words for re-casing; "" where it is better left alone."""
    if "[" in key or not key.isascii() or any(char.isdigit() for char in key) or key.isupper():
        return ""
    spaced = "".join(
        " " + char.lower() if char.isupper() and before.islower() else char for before, char in zip(" " + key, key, strict=False)
    )
    return spaced.replace("_", " ").replace("-", " ").strip()


MOST_OF_A_PART = 20
"""Fields of a part of a mixture."""
MIXED_SHARE = 0.1
"""Share of the kinds' messages that hold parts of several kinds."""


def whole_parts(kind: Kind) -> list[list[Field]]:
    """What stands at the top of a kind's messages, each with all below it; none where they say what one another are.

    Keys of one or two letters mean something among their own kind alone.
    """
    needed = _needed(kind)
    if kind.format != "json" or kind.lines or any("." not in path and "[" not in path for path in needed):
        return []
    parts: dict[str, list[Field]] = {}
    for field in kind.fields:
        if field.role not in ("device", "time"):
            parts.setdefault(_top(field), []).append(field)
    if any({field.path for field in part} <= needed for part in parts.values()):  # units of another part's values
        return []
    return [part for top, part in parts.items() if len(top) > 2 and top.lower() not in VALUE_KEYS and len(part) <= MOST_OF_A_PART]


def _top(field: Field) -> str:
    return re.split(r"[.\[]", field.path)[0]


@cache
def load_mixable() -> tuple[Kind, ...]:
    """The kinds of the folder that have parts for a mixture."""
    return tuple(kind for kind in load_kinds() if whole_parts(kind))


def _away(field: Field) -> Field:
    """A field away from its kind: a unit that is not the usual one cannot be known from the company any more."""
    if field.role != "reading" or None in field.units or field.units[0] == quantities()[field.quantities[0]].unit:
        return field
    return replace(field, units=(*field.units, None))


def draw_mixture(kinds: Sequence[Kind], rng: random.Random) -> Record:
    """One JSON message with parts of several of ``kinds``, which all have some, under the topic of the first."""
    first, *others = rng.choices(kinds, k=rng.randrange(2, 5))
    chosen = [field for field in first.fields if field.role in ("device", "time")]
    taken: set[str] = set()
    for kind in (first, *others):
        parts = whole_parts(kind)
        for part in rng.sample(parts, min(len(parts), rng.randrange(1, 6))):
            if _top(part[0]) not in taken:
                chosen += part if kind is first or any(field.path in _needed(kind) for field in part) else map(_away, part)
            taken.add(_top(part[0]))
    idle = is_idle(rng)
    leaves = _renamed([draw_leaf(field, rng, idle) for field in chosen], rng)
    topic = fill_topic(rng.choice(first.topics or ("{name}",)), rng, {leaf.path: leaf.draws[0].text for leaf in leaves})
    writer = render_json(build_tree(leaves), rng)
    return record(writer.placed, writer.text(), topic, "json", f"mixture-{first.name}", first.language)


STAMP = parse_value("@epoch")
_MOST_NAMED_BY_TOPIC = 3
"""Fields of a kind whose topic may be all that names them: it stays, whatever wraps the message."""


def draw_kind(kind: Kind, rng: random.Random) -> Record:
    """One message of a kind, in its own format or, at times, as another bridge would send it."""
    form = kind.format
    idle = is_idle(rng)
    leaves = [draw_leaf(field, rng, idle) for field in _chosen(kind, rng)]
    names = {leaf.path: leaf.draws[0].text for leaf in leaves}
    topic = fill_topic(rng.choice(kind.topics or ("{name}",)), rng, names)
    if kind.lines:
        template = rng.choice(kind.lines)
        everything = {field.path: draw_leaf(field, rng, idle) for field in kind.fields}
        writer = render_line(template, everything)
        return record(writer.placed, writer.text(), topic, form, kind.name, kind.language)
    if form == "json":
        form = rng.choices(["json", "kv", "scalar", "influx", "csv", "xml"], [80, 6, 6, 3, 2, 3])[0]
    leaves = _renamed(leaves, rng)
    if form == "json":
        writer = render_json(build_tree(leaves), rng)
        if (kind.envelopes and rng.random() < 0.6) or rng.random() < 0.1:
            known = [name for name in kind.envelopes if name in load_envelopes()]
            if known or load_envelopes():
                envelope = load_envelopes()[rng.choice(known or sorted(load_envelopes()))]
                writer, extra = in_envelope(writer, envelope, rng)
                if envelope.topics and len(kind.fields) > _MOST_NAMED_BY_TOPIC and rng.random() < 0.7:
                    topic = fill_topic(rng.choice(envelope.topics), rng, {**names, **extra})
    elif form == "kv":
        writer = render_kv(leaves, rng)
    elif form == "influx":
        form = "kv"
        stamp = str(int(STAMP.draw(rng).text) * 10**9) if rng.random() < 0.7 else None
        writer = render_influx(leaves, rng, rng.choice(["readings", "sensor", "measurement", kind.name]), stamp)
    elif form == "csv":
        writer = render_csv(leaves, rng, kind.header)
    elif form == "xml":
        writer = render_xml(build_tree(leaves), rng, rng.choice(["data", "device", "status", "root", "sensor", "response", kind.name]))
    else:
        one = rng.choice([leaf for leaf in flat(leaves) if leaf.key.rpartition(".")[2].lower() not in VALUE_KEYS] or flat(leaves))
        if len(kind.fields) > 1:
            topic = f"{topic}/{one.key.replace('.', '/').replace('[', '/').replace(']', '')}"
        form, writer = "scalar", Writer()
        writer.place(one.draws[0], one)
    return record(writer.placed, writer.text(), topic, form, kind.name, kind.language)


def messages(seed: int, kinds: Sequence[Kind] | None = None, composed: float = 0.35) -> Iterator[Record]:
    """Endless messages; ``composed`` is the share that comes from the lexicon."""
    rng = random.Random(seed)
    chosen = tuple(kinds) if kinds is not None else load_kinds()
    mixable = load_mixable() if kinds is None else tuple(kind for kind in kinds if whole_parts(kind))
    has_lexicon = bool(lex.read_lexicon()[0])
    number = 0
    while True:
        number += 1
        is_composed = (has_lexicon and rng.random() < composed) or not chosen
        if is_composed:
            made = compose(rng)
        elif mixable and rng.random() < MIXED_SHARE:
            made = draw_mixture(mixable, rng)
        else:
            made = draw_kind(rng.choice(chosen), rng)
        made["id"] = f"generated/{made['family']}/{seed}-{number}"
        yield made


def _stats(count: int) -> None:
    quantities: Counter[str] = Counter()
    units: Counter[str] = Counter()
    formats: Counter[str] = Counter()
    texts = set()
    for _, made in zip(range(count), messages(0), strict=False):
        formats[made["format"]] += 1
        texts.add(made["payload"])
        for reading in made["readings"]:
            quantities[reading["quantity"]] += 1
            units[str(reading["unit"])] += 1
    print(f"{len(load_kinds())} kinds, {len(load_envelopes())} envelopes; of {count} messages {len(texts)} payloads differ")
    for name, counter in (("formats", formats), ("quantities", quantities), ("units", units)):
        print(name, len(counter), dict(counter.most_common()))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, help="only the kinds of this file")
    parser.add_argument("--show", type=int, help="print so many messages to read, not as JSON lines")
    parser.add_argument("--stats", action="store_true", help="what --count messages hold")
    args = parser.parse_args()
    if args.stats:
        _stats(args.count)
        return 0
    kinds = read_kinds(args.file)[0] if args.file else None
    stream = messages(args.seed, kinds, composed=0.0 if kinds else 0.35)
    for _, made in zip(range(args.show or args.count), stream, strict=False):
        if args.show:
            print(made["topic"], made["payload"], sep="\n")
            for reading in made["readings"]:
                print("   ", reading["name"], reading["literal"], reading["quantity"], reading["unit"])
        else:
            sys.stdout.write(json.dumps(made, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
