"""The measure of the writer: what counts as an error of a draft, what is told in the end, and the windows that it is measured on."""

import json
import sys
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
import torch

from agent.config import SummariesConfig
from agent.errors import DataError
from agent.summarise.draft import fill
from agent.summarise.facts import Facts, Limit, Overview, Span, Step
from agent.summarise.narrate import narrate
from agent.summarise.wording import LANGUAGES, Style
from models.writing import bench, evaluate
from models.writing.evaluate import Marks, figures, judge, mark, show, shown_fields, spread, style_of, unfounded, variety
from models.writing.export import export
from models.writing.model import Writer, WriterConfig
from models.writing.vocabulary import build_tokenizer
from models.writing.windows import FAULTS, LIMITS, Case, Course, cases, windows_of
from simulators.faults import parse_faults
from simulators.moment import START
from simulators.site import shipped

SPAN = Span(start="2026-05-01T10:00:00Z", end="2026-05-01T10:15:00Z")
AT = "2026-05-01T10:05:00Z"
LIMIT = Limit(
    id="f1", device="cold-2", quantity="temperature", unit="Cel", side="above", limit=8, extreme=9.4, at=AT, duration=720, must_say=True
)
STEP = Step(id="f2", device="attic-7", quantity="humidity", unit="%", before=48, after=61, at=AT)
FACTS = Facts(group="site", window=SPAN, facts=(LIMIT, STEP))
CALM = Facts(group="site", window=SPAN, facts=(Overview(id="f1", quantity="humidity", unit="%", series=3, mean=50, low=40, high=60),))
CASE = Case("home", 1, "en", FACTS, frozenset({"cold-2", "attic-7", "attic-8"}))
ABOVE = "{f1.device}: {f1.quantity} above {f1.limit}, highest {f1.extreme}"
ROSE = "{f2.device}: {f2.quantity} rose from {f2.before} to {f2.after}"


class Scripted:
    """A writer at the edge: drafts in turn, None for one without an end."""

    name = "scripted-1"

    def __init__(self, *drafts):
        self.drafts = list(drafts)

    def write(self, facts, style, attempt):
        """The next draft."""
        draft = self.drafts.pop(0)
        if draft is None:
            raise DataError("no end")
        return draft


def marks_of(draft):
    """What a first draft is given."""
    return judge(CASE, Scripted(draft, None)).marks


@pytest.mark.parametrize(
    ("draft", "marks"),
    [
        (f"{ABOVE}. {ROSE}.", Marks(8, 0, 0, 0)),
        (f"{ABOVE}.", Marks(4, 0, 0, 0)),
        (f"{ROSE}.", Marks(4, 0, 2, 0)),
        ("{f1.device}: {f1.quantity} above {f1.limit}.", Marks(3, 0, 1, 0)),
        (f"{ABOVE}. {ROSE.replace('rose', 'fell')}.", Marks(8, 1, 0, 0)),
        (f"{ABOVE.replace('above', 'below')}.", Marks(4, 1, 0, 0)),
        (f"{ABOVE}. {{f2.device}}: {{f2.quantity}} changed to {{f2.after}} from {{f2.before}}.", Marks(8, 1, 0, 0)),
        (f"{ABOVE}. {{f2.device}}: {{f2.quantity}} rose from {{f2.before}} to {{f2.after}}, {{f2.after}}.", Marks(9, 1, 0, 0)),
        (f"{ABOVE}, {{f2.after}}.", Marks(5, 1, 0, 0)),
        (f"{ABOVE} with 3 others.", Marks(4, 0, 0, 1)),
        (f"{ABOVE}, as with attic-8.", Marks(4, 0, 0, 1)),
        ("{f1.device}: {f1.quantity} above {f1.limit}, highest {f3.extreme}.", Marks(4, 0, 1, 1)),
        ("", Marks(0, 0, 2, 0)),
        (None, Marks(0, 0, 2, 0, has_end=False)),
    ],
    ids=[
        "whole", "what need not be said is left out", "must-say fact left out", "must-say field left out", "wrong direction",
        "wrong side", "wrong order", "twice", "another device's value", "number of its own", "device of its own",
        "field of no fact", "empty", "without an end",
    ],
)  # fmt: skip
def test_errors_of_a_first_draft_are_counted_in_slots(draft, marks):
    """Each way to be wrong counts once, as wrong, missing or invented."""
    assert marks_of(draft) == marks


def test_draft_without_an_end_misses_something_even_where_nothing_must_be_said():
    """Else a writer that never ends would be free of errors in calm windows."""
    assert mark(None, (), CALM.facts) == Marks(0, 0, 2, 0, has_end=False)


def test_value_that_stands_with_another_device_is_wrong_and_not_missing_too():
    """One error counts once."""
    draft = "{f2.device}: {f2.quantity} above {f1.limit}, highest {f1.extreme}; {f1.device}: {f1.quantity} rose."
    marks = marks_of(draft)
    assert marks.missing == 0
    assert marks.wrong >= 1


def test_window_is_told_as_the_agent_tells_it():
    """A refused draft is made once more, then told by arithmetic; the errors counted are those of the first draft."""
    good, second, neither = (
        judge(CASE, Scripted(*drafts)) for drafts in ((f"{ABOVE}.",), (f"{ROSE}.", f"{ABOVE}. {ROSE}."), (f"{ROSE}.", None))
    )
    assert [one.narration.by for one in (good, second, neither)] == ["slm", "slm", "arithmetic"]
    assert second.draft == f"{ROSE}."
    assert [one.kind for one in second.faults] == ["missing"]
    found = figures([good, second, neither])
    assert (found["slots"], found["missing"], found["slot_error_rate"]) == (4 + 6 + 6, 4, 0.25)
    assert (found["first_drafts_refused"], found["told_by_arithmetic"], found["untold"]) == (2, 1, 0)
    assert (found["faults_after_check"], found["unfounded_after_check"]) == (0, 0)
    assert variety([good, second, neither]) == {"drafts": 3, "openings": 2, "texts": 2}


def test_plain_search_finds_what_no_fact_holds():
    """It takes the texts of fields away and looks for digits."""
    shown = shown_fields(FACTS, style_of(CASE))
    text = fill(f"{ABOVE}. {ROSE}.", shown)
    assert unfounded(text, shown) == []
    assert unfounded(text.replace("61 %", "62 %"), shown) == ["62"]
    assert unfounded(text.replace("9.4 °C", "19.4 °C"), shown) == ["19.4"]
    assert unfounded(text.replace("61 %", "-61 %"), shown) == ["61"]
    assert unfounded(text + " It was 10:07.", shown) == ["10:07."]


def test_shown_summaries_are_of_all_sites_and_name_what_was_refused():
    """A third at most had its first draft refused, which stands beside the text with its fault."""
    other = Case("cold_store", 1, "de", FACTS, frozenset())
    good = [judge(CASE, Scripted(f"{ABOVE}.")) for _ in range(3)]
    elsewhere = judge(other, Scripted("{f1.device}: {f1.quantity} über {f1.limit}, höchster Wert {f1.extreme}."))
    bad = judge(CASE, Scripted(f"{ROSE}.", None))
    chosen = spread([*good, elsewhere, bad, bad], 3)
    assert bad in chosen
    assert elsewhere in chosen
    assert Counter(bool(one.faults) for one in chosen) == {True: 1, False: 2}
    assert "refused (missing:" in show(bad)
    assert "attic-7: humidity rose from 48 % to 61 %." in show(bad)


def test_sites_and_languages_come_in_turn():
    """No two windows are of the same facts."""
    found = list(islice(cases(4), 7))
    assert [case.site for case in found] == [*shipped(), found[0].site]
    assert [case.language for case in found] == ["en", "de", "vi", "en", "de", "vi", "de"]
    assert len({case.facts.model_dump_json() for case in found}) == len(found)


def short(site, **changes):
    """A course of half an hour with few devices."""
    config = SummariesConfig(window_seconds=300, limits=LIMITS[site])
    return replace(Course(site, 3, 6, START, 6, config, parse_faults(FAULTS)), **changes)


@pytest.mark.parametrize("site", shipped())
def test_windows_of_a_site_can_be_told(site):
    """The same seed gives the same; whatever happens in a window, the arithmetic writer tells it in every language."""
    found = list(windows_of(short(site)))
    assert found
    assert found == list(windows_of(short(site)))
    for facts, devices in found:
        assert all(narrate(facts, Style(language=language), None, devices).faithful for language in LANGUAGES)


def test_what_is_learned_goes_from_window_to_window():
    """A device that was heard regularly and says no more is told as silent, and only with what was learned before."""
    silent = short("home", windows=12, devices=8, plan=parse_faults("silent=0.5"))
    types = Counter(fact.type for facts, _ in windows_of(silent) for fact in facts.facts)
    assert types["silence"]
    assert not Counter(fact.type for facts, _ in windows_of(replace(silent, windows=1)) for fact in facts.facts)["silence"]


def test_courses_differ():
    """Lengths, groupings, faults and limits come all."""
    courses = [Course.drawn("home", seed) for seed in range(60)]
    assert {course.config.group_by for course in courses} == {"site", "device", "quantity", "topic"}
    assert {course.config.window_seconds for course in courses} == {60, 300, 900, 3600, 14400}
    assert {bool(course.plan) for course in courses} == {True, False}
    assert {bool(course.config.limits) for course in courses} == {True, False}


def test_commands_measure_an_artifact(tmp_path, capsys, monkeypatch):
    """A writer of random weights, exported: its figures stand in a table and in a file, no text is untold, and its time is told."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    sizes = WriterConfig(vocabulary=tokenizer.get_vocab_size(), groups=(1,), ffn=(64,), hidden=64, heads_per_group=2, head_size=32)
    export(Writer(sizes).eval(), tmp_path / "tokenizer.json", tmp_path / "artifact", "random-0", {})
    arguments = ["evaluate", "--artifact", str(tmp_path / "artifact"), "--windows", "3", "--show", "2"]
    monkeypatch.setattr("sys.argv", [*arguments, "--results", str(tmp_path / "results.jsonl")])
    assert evaluate.main() == 0
    result = json.loads((tmp_path / "results.jsonl").read_text())
    assert result["model"] == "random-0"
    assert result["windows"] == 3
    assert result["untold"] == result["faults_after_check"] == result["unfounded_after_check"] == 0
    assert set(result["by_language"]) <= {"en", "de", "vi"}
    assert "slot_error_rate" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    monkeypatch.setattr("sys.argv", ["bench", "--artifact", str(tmp_path / "artifact"), "--windows", "2"])
    assert bench.main() == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["windows"] == 2
    assert result["median_tokens"] > 0
    assert result["writer_2_threads"]["tokens_per_second"] > 0
    assert "not installed" in result["llama_cpp"]
