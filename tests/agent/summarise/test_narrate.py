"""What is told passes the check; a text that does not is made once more, then told by arithmetic, marked and counted."""

import re
import sys
from datetime import UTC

import pytest
from hypothesis import given, settings
from made_facts import MORE, NOTHING, START, UNEVENTFUL, facts_of_a_window, numbered

from agent.domain.quantity import quantities
from agent.errors import RetryableError
from agent.summarise import narrate
from agent.summarise.arithmetic import MAX_TOLD, chosen
from agent.summarise.check import Fault
from agent.summarise.facts import Step
from agent.summarise.wording import LANGUAGES, Style, words

STYLE = Style(zone=UTC)
STEP = numbered([Step(device="attic-7", quantity="temperature", unit="Cel", before=21.0, after=25.0, at=START)])


class Scripted:
    """A writer at the edge: drafts or errors in turn."""

    name = "scripted"

    def __init__(self, *drafts):
        self.drafts = list(drafts)
        self.attempts = []

    def write(self, facts, style, attempt):
        """The next draft."""
        self.attempts.append(attempt)
        draft = self.drafts.pop(0)
        if isinstance(draft, Exception):
            raise draft
        return draft


GOOD = "{f1.device} {f1.quantity} went from {f1.before} to {f1.after} at {f1.at}."


@given(facts_of_a_window)
@settings(max_examples=150, deadline=None)
def test_arithmetic_text_is_faithful_in_every_language(facts):
    """Whatever happened, the arithmetic writer's text passes the check and says what must be said in at most three sentences."""
    for language in LANGUAGES:
        told = narrate(facts, Style(language=language, zone=UTC), known_names=["another-1", "average", "Mittel", "on", "từ"])
        assert told.refused == (), (language, told.text)
        assert told.faithful
        assert told.by == "arithmetic"


@pytest.mark.parametrize("facts", [NOTHING, UNEVENTFUL, MORE], ids=["nothing", "uneventful", "more"])
def test_window_without_readings_is_told_too(facts):
    """There is always a sentence."""
    for language in LANGUAGES:
        assert narrate(facts, Style(language=language)).faithful


def test_good_draft_is_told_as_it_is():
    """A writer's text that passes is told, and said to be the model's."""
    told = narrate(STEP, STYLE, Scripted(GOOD))
    assert (told.text, told.by, told.faithful) == ("attic-7 temperature went from 21.0 °C to 25.0 °C at 10:00.", "slm", True)


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("{f1.device} {f1.quantity} is 26 °C.", "number"), ("{f2.device} did something.", "placeholder"), ("{f1.wrong}", "placeholder"),
        ("{f1.device} {", "placeholder"), ("", "empty"), (RetryableError("busy"), "writer"),
        ("{f1.device} {f1.quantity} fell from {f1.before} to {f1.after}.", "direction"),
    ],
)  # fmt: skip
def test_bad_draft_is_made_once_more(bad, kind):
    """The second draft is told where it is good; what was wrong with the first is known."""
    writer = Scripted(bad, GOOD)
    told = narrate(STEP, STYLE, writer)
    assert (told.by, told.faithful, writer.attempts) == ("slm", True, [0, 1])
    assert [faults[0].kind for faults in told.refused] == [kind]


def test_two_bad_drafts_are_replaced_by_arithmetic_and_marked():
    """There is no third try."""
    writer = Scripted("{f1.device} 1", "{f1.device} 2", GOOD)
    told = narrate(STEP, STYLE, writer)
    assert (told.by, told.faithful, len(told.refused), len(writer.drafts)) == ("arithmetic", True, 2, 1)
    assert told.text == "attic-7: temperature jumped from 21.0 °C to 25.0 °C at 10:00."


def test_no_text_is_better_than_one_that_fails_the_check(monkeypatch):
    """Even arithmetic's: the facts stand for themselves."""
    monkeypatch.setattr(sys.modules["agent.summarise.narrate"], "check", lambda *_: [Fault("number", "9")])
    told = narrate(STEP, STYLE)
    assert (told.text, told.faithful, len(told.refused)) == ("", False, 1)


@given(facts_of_a_window)
@settings(max_examples=50, deadline=None)
def test_what_is_told_is_bounded_and_holds_what_must_be_said(facts):
    """Must-say facts come before everything else."""
    told = chosen(facts).facts
    assert len(told) <= MAX_TOLD
    must_say = [fact for fact in facts.facts if fact.must_say]
    assert [fact for fact in told if fact.must_say] == must_say[:MAX_TOLD]


def test_languages_have_the_same_clauses_with_the_same_fields():
    """No language lacks a clause, or tells something else in it."""
    fields = {
        language: {name: sorted(re.findall(r"\{(\w+)\}", clause)) for name, clause in words(language).clauses.items()}
        for language in LANGUAGES
    }
    assert fields["en"] == fields["de"] == fields["vi"]
    assert len({frozenset(words(language).quantities) for language in LANGUAGES}) == 1
    assert all(all(words(language).quantities.values()) and all(words(language).states.values()) for language in LANGUAGES)


def test_no_state_is_said_by_a_clause():
    """As with quantities."""
    for language in LANGUAGES:
        spoken = words(language)
        texts = [re.sub(r"\{\w+\}", "", clause) for name, clause in spoken.clauses.items() if name != "nothing"]
        states = {state for state in spoken.states.values() if len(state) > 3}
        assert [(state, text) for state in states for text in texts if re.search(rf"(?<!\w){re.escape(state)}(?!\w)", text)] == []


def test_no_quantity_is_called_what_a_clause_or_a_state_says():
    """Else a text would seem to tell a fact twice."""
    for language in LANGUAGES:
        spoken = words(language)
        texts = [re.sub(r"\{\w+\}", "", clause) for clause in spoken.clauses.values()] + list(spoken.states.values())
        names = [name for quantity, name in spoken.quantities.items() if quantities()[quantity].kind != "text"]
        forms = [form for name in names for form in (name, name[:1].upper() + name[1:])]
        assert [(form, text) for form in forms for text in texts if re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text)] == []
