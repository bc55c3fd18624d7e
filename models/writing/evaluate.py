"""The writer on windows of sites that its training never saw: slot errors before and after the check, and who tells.

    python -m models.writing.evaluate [--artifact models/writer] [--windows 2000] [--results FILE] [--show 30]

A slot is a placeholder of the first draft, or a field that must be said and has none. A slot is wrong where the check finds a fault at
it (another device's value, a direction against the sign, the wrong order, twice), missing, or invented (a number, a unit, a time or
a name that stands for no field). A draft without an end counts apart, and as missing what must be said. What is told in the end is
checked again, and once more by a plain search that knows nothing of ``agent.summarise.check``.
"""

import argparse
import json
import re
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any

from agent.errors import DataError
from agent.slm.manifest import default_model_folder
from agent.summarise import Facts, Style, Writer, narrate
from agent.summarise.arithmetic import chosen
from agent.summarise.brief import needed
from agent.summarise.check import Fault, check
from agent.summarise.draft import PLACEHOLDER, Written, fill
from agent.summarise.facts import Fact
from agent.summarise.narrate import Narration
from agent.summarise.slm_writer import SlmWriter
from agent.summarise.wording import LANGUAGES, written
from models.evaluate import add_result
from models.writing.windows import Case, cases

WRONG = frozenset({"direction", "order", "twice"})
"""Faults of a slot whether the check names the fact or not; the others are where it does."""
OPENING_WORDS = 3
BAD_SHARE = 1 / 3
"""Of the texts that are shown, at most, where the first draft was refused."""
PROGRESS_EVERY = 200


class Recorder:
    """A writer that remembers the drafts of one window; None for one that it did not bring to an end."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.drafts: list[str | None] = []

    @property
    def name(self) -> str:
        """The writer's."""
        return self._writer.name

    def write(self, facts: Facts, style: Style, attempt: int) -> str:
        """What the writer writes."""
        self.drafts.append(None)
        self.drafts[-1] = draft = self._writer.write(facts, style, attempt)
        return draft


@dataclass(frozen=True, slots=True)
class Marks:
    """The slots of a first draft, and the errors among them; a word of a wrong direction counts as a slot's."""

    placed: int
    wrong: int
    missing: int
    invented: int
    has_end: bool = True

    @property
    def slots(self) -> int:
        """Placeholders, and what lacks one."""
        return self.placed + self.missing


def mark(draft: str | None, faults: Sequence[Fault], facts: Sequence[Fact]) -> Marks:
    """Marks for a draft (None: it has no end) in which these faults were found."""
    fields = {(match[1], match[2]) for match in PLACEHOLDER.finditer(draft or "")}
    placed = len(PLACEHOLDER.findall(draft or ""))
    lacking = {fact.id: [name for name in needed(fact) if (fact.id, name) not in fields] for fact in facts}
    unchecked = sum(len(lacking[fact.id]) for fact in facts if fact.must_say)
    kinds = {fault.kind for fault in faults}
    if draft is None:  # where nothing must be said, the first fact has to be
        return Marks(0, 0, unchecked or max(1, len(lacking[facts[0].id])), 0, has_end=False)
    if kinds & {"placeholder", "empty"}:  # the check does not look at the rest
        return Marks(placed, 0, unchecked, len(kinds & {"placeholder"}))
    blamed = {fault.fact for fault in faults if fault.kind != "missing"}
    wrong = missing = invented = 0
    for fault in faults:
        if fault.kind == "missing":
            missing += len(lacking[fault.fact])
            wrong += not lacking[fault.fact] and fault.fact not in blamed  # it stands there, with another device or quantity
        elif fault.kind in WRONG or fault.fact:
            wrong += 1
        else:
            invented += 1
    return Marks(placed, wrong, missing, invented)


def unfounded(text: str, shown: Written) -> list[str]:
    """The numbers and times of a text that are no field of a fact as it is written, by a plain search, longest field first."""
    for one in sorted({one for fields in shown.values() for one in fields.values()}, key=len, reverse=True):
        text = re.sub(rf"(?<![\w−-])(?<!\d[.,:]){re.escape(one)}(?!\w|[.,:]\d)", " ", text, flags=re.IGNORECASE)
    return re.findall(r"\d[\d.,:]*", text)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a window."""

    case: Case
    told: Facts
    narration: Narration
    draft: str | None
    """The first; None where it has no end."""
    marks: Marks
    faults: tuple[Fault, ...]
    """Of the first draft."""
    text_faults: int
    """Of the text that was told, by the check."""
    unfounded: tuple[str, ...]
    """In the text that was told, by the plain search."""

    @property
    def shown(self) -> Written:
        """The fields as the language writes them."""
        return shown_fields(self.told, style_of(self.case))


def style_of(case: Case) -> Style:
    """How a window is told."""
    return Style(language=case.language, zone=UTC)


def shown_fields(told: Facts, style: Style) -> Written:
    """Every field of the facts as it is written."""
    return {fact.id: written(fact, told, style) for fact in told.facts}


def judge(case: Case, writer: Writer) -> Outcome:
    """Let a writer tell a window as the agent does."""
    style, recorder, told = style_of(case), Recorder(writer), chosen(case.facts)
    narration = narrate(case.facts, style, recorder, case.devices)
    faults = narration.refused[0] if narration.refused else ()
    shown = shown_fields(told, style)
    return Outcome(
        case=case,
        told=told,
        narration=narration,
        draft=recorder.drafts[0],
        marks=mark(recorder.drafts[0], faults, told.facts),
        faults=faults,
        text_faults=len(check(narration.text, told.facts, shown, style.words)),
        unfounded=tuple(unfounded(narration.text, shown)),
    )


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The figures of windows."""
    marks = [one.marks for one in outcomes]
    wrong, missing, invented = (sum(getattr(one, name) for one in marks) for name in ("wrong", "missing", "invented"))
    slots = sum(one.slots for one in marks)
    by_model = sum(one.narration.by == "slm" for one in outcomes)
    return {
        "windows": len(outcomes),
        "slots": slots,
        "wrong": wrong,
        "missing": missing,
        "invented": invented,
        "slot_error_rate": round((wrong + missing + invented) / slots, 5) if slots else 0.0,
        "without_end": sum(not one.has_end for one in marks),
        "first_drafts_refused": sum(bool(one.faults) for one in outcomes),
        "told_by_slm": round(by_model / len(outcomes), 4),
        "told_by_arithmetic": len(outcomes) - by_model,
        "untold": sum(not one.narration.faithful for one in outcomes),
        "faults_after_check": sum(one.text_faults for one in outcomes),
        "unfounded_after_check": sum(len(one.unfounded) for one in outcomes),
        "median_words": statistics.median(len(one.narration.text.split()) for one in outcomes),
    }


def variety(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many different openings and texts the model's first drafts have, whatever stands in their places."""
    plain = [PLACEHOLDER.sub(r"{\2}", one.draft) for one in outcomes if one.draft is not None]
    return {
        "drafts": len(plain),
        "openings": len({" ".join(draft.split()[:OPENING_WORDS]) for draft in plain}),
        "texts": len(set(plain)),
    }


def faults_by_kind(outcomes: Iterable[Outcome]) -> Counter[str]:
    """The faults of first drafts, each with the type of the fact that it is about."""
    found: Counter[str] = Counter()
    for one in outcomes:
        types = {fact.id: fact.type for fact in one.told.facts}
        found.update(f"{fault.kind} {types.get(fault.fact, '')}".strip() for fault in one.faults)
    return found


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Print the tables; all figures as one object."""
    by_language: dict[str, Any] = {
        name: figures(found) for name in LANGUAGES if (found := [one for one in outcomes if one.case.language == name])
    }
    total, kinds = figures(outcomes), faults_by_kind(outcomes)
    columns: dict[str, Any] = {**by_language, "all": total}
    print(f"{'':24s}", *(f"{name:>9s}" for name in columns))
    for row in total:
        print(f"{row:24s}", *(f"{column[row]:9g}" for column in columns.values()))
    different = variety(outcomes)
    print(f"{different['drafts']} first drafts: {different['openings']} different openings, {different['texts']} different texts")
    print("faults of first drafts:", ", ".join(f"{kind} {times}" for kind, times in kinds.most_common()) or "none")
    return {**total, "by_language": by_language, "variety": different, "faults": dict(kinds.most_common())}


def spread(outcomes: Sequence[Outcome], number: int) -> list[Outcome]:
    """So many of them: of all sites and languages in turn, and not more than ``BAD_SHARE`` with a refused draft."""
    bad = list(_in_turn((one for one in outcomes if one.faults), lambda one: (one.case.site, one.case.language)))
    good = list(_in_turn((one for one in outcomes if not one.faults), lambda one: (one.case.site, one.case.language)))
    few = bad[: max(int(BAD_SHARE * number), number - len(good))]
    return few + good[: number - len(few)]


def _in_turn(outcomes: Iterable[Outcome], kind: Callable[[Outcome], Hashable]) -> Iterator[Outcome]:
    """One of each kind, then the second of each."""
    of_kind: dict[Hashable, list[Outcome]] = {}
    for one in outcomes:
        of_kind.setdefault(kind(one), []).append(one)
    for place in range(max(map(len, of_kind.values()), default=0)):
        yield from (found[place] for found in of_kind.values() if place < len(found))


def show(outcome: Outcome) -> str:
    """A summary as it is told; where the first draft was refused, that draft and why."""
    case, narration = outcome.case, outcome.narration
    lines = [f"{case.site}, {case.language}, by {narration.by}", f"  {narration.text}"]
    if outcome.faults:
        reasons = "; ".join(f"{fault.kind}: {fault.what}" for fault in outcome.faults)
        lines += [f"  refused ({reasons}):", f"  {_filled(outcome)}"]
    return "\n".join(lines)


def _filled(outcome: Outcome) -> str:
    if outcome.draft is None:
        return "(no draft)"
    try:
        return fill(outcome.draft, outcome.shown)
    except DataError:
        return outcome.draft


def judged(found: Iterable[Case], writer: Writer) -> Iterator[Outcome]:
    """Every window told, with a word on standard error now and then."""
    for number, case in enumerate(found, 1):
        yield judge(case, writer)
        if number % PROGRESS_EVERY == 0:
            print(f"{number} windows told", file=sys.stderr)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifact", type=Path, help="folder of a writer (default: the one that came with this version)")
    parser.add_argument("--windows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the windows")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--results", type=Path, help="also append the figures to this file, as a line of JSON")
    parser.add_argument("--show", type=int, default=0, help="print so many summaries, unedited")
    args = parser.parse_args()
    writer = SlmWriter(args.artifact or default_model_folder("writer"), args.threads)
    outcomes = list(judged(islice(cases(args.seed), args.windows), writer))
    result = {"model": writer.name, "seed": args.seed, **report(outcomes)}
    print(json.dumps(result))
    if args.results:
        add_result(args.results, result)
    for outcome in spread(outcomes, args.show):
        print(f"\n{show(outcome)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
