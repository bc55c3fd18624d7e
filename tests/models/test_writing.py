"""The writer's training texts, its vocabulary and its guide; and its whole chain in small."""

import random
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from agent.errors import FatalError
from agent.slm.manifest import default_model_folder
from agent.summarise.arithmetic import variant
from agent.summarise.brief import END, brief, sayable
from agent.summarise.check import check
from agent.summarise.draft import fill
from agent.summarise.guide import Guide, Lexicon
from agent.summarise.narrate import narrate
from agent.summarise.slm_writer import SlmWriter, as_told, read_grammar
from agent.summarise.wording import LANGUAGES, Style, words, written
from models.writing.compose import SLOT, compose, phrases
from models.writing.scenes import scene, sites
from models.writing.train import encode
from models.writing.vocabulary import PADDING, build_tokenizer, classes, grammar, split
from models.writing.windows import cases

from piped import run  # isort: skip

CONFIG = str(Path(__file__).resolve().parents[2] / "models" / "configs" / "tiny-writer.toml")
CACHE = Path.home() / ".cache" / "sensorscribe"


@pytest.fixture(scope="module")
def tokenizer():
    """All words of all phrases."""
    return build_tokenizer()


@pytest.fixture(scope="module")
def lexicon(tokenizer):
    """As the agent has it."""
    return Lexicon(
        tokenizer.get_vocab(),
        {language: grammar(tokenizer, language) for language in LANGUAGES},
        {language: classes(language) for language in LANGUAGES},
    )


def guide_for(facts, language, lexicon):
    """A guide at the beginning of a text."""
    return Guide(as_told(facts, Style(language=language)), lexicon, language)


def test_simulated_sites_are_not_trained_on():
    """The writer is judged on them."""
    simulated = {path.stem for path in (Path(__file__).resolve().parents[2] / "simulators" / "sites").glob("*.toml")}
    assert simulated
    assert not simulated & set(sites())


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_say_every_variant_in_several_ways(language):
    """Each variant of the arithmetic writer has three openings at least; no phrase writes a digit or a unit."""
    found = phrases(language)
    for name in words(language).clauses:
        assert len(found.clauses[name]["open"]) >= 2, name
        fields = {match[3] for phrase in found.clauses[name]["open"] for match in SLOT.finditer(phrase)}
        assert fields <= {"device", *(match[3] for match in SLOT.finditer(words(language).clauses[name]))}, name
    for clause in found.clauses.values():
        for phrase in (phrase for forms in clause.values() for phrase in forms):
            plain = SLOT.sub("", phrase)
            assert not any(letter.isdigit() or letter in "%°" for letter in plain), phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_composed_texts_are_faithful_words_known_and_the_guide_lets_them_pass(language, tokenizer, lexicon):
    """What the writer is taught it may say: token by token, from the brief to the end."""
    rng, style, made = random.Random(5), Style(language=language), 0
    for _ in range(60):
        facts = scene(rng)
        pair, _ = compose(facts, language, rng)
        if pair is None:
            continue
        made += 1
        text = encode(pair, tokenizer)
        assert PADDING not in text.ids
        assert text.start == len(brief(facts, style))
        assert "".join(split(pair.draft)) == pair.draft
        guide = guide_for(facts, language, lexicon)
        for token in text.ids[text.start :]:
            assert guide.allowed()[token], (pair.draft, lexicon.texts[token])
            if lexicon.texts[token] != END:
                guide.take(token)
    assert made > 50


def test_scenes_have_every_kind_of_fact():
    """Nothing that the agent tells is new to the writer."""
    rng, style = random.Random(3), Style()
    seen = set()
    for _ in range(2500):
        facts = scene(rng)
        seen.update(variant(fact, facts, style) for fact in facts.facts)
    assert seen == set(words("en").clauses)


@pytest.mark.parametrize("language", LANGUAGES)
def test_guide_keeps_any_model_to_the_facts(language, lexicon):
    """Tokens drawn at random: no text has a stray name, unit or digit, and one that ends has said what had to be said."""
    rng, ended = random.Random(8), 0
    for _ in range(60):
        facts, style = scene(rng), Style(language=language)
        guide, text = guide_for(facts, language, lexicon), []
        while (allowed := np.flatnonzero(guide.allowed())).size:
            heads = [token for token in allowed if "{f" in lexicon.texts[token]]
            token = int(rng.choice(heads if heads and rng.random() < 0.6 else list(allowed)))
            if lexicon.id(END) in allowed:
                token = lexicon.id(END)
            if lexicon.texts[token] == END:
                ended += 1
                shown = {fact.id: written(fact, facts, style) for fact in facts.facts}
                faults = check(fill("".join(text), shown), facts.facts, shown, style.words)
                assert not [fault for fault in faults if fault.kind in ("name", "unit", "placeholder", "empty")], text
                for fact in facts.facts:
                    assert not fact.must_say or f"{{{fact.id}." in "".join(text) or not sayable(fact, facts, style)
                break
            guide.take(token)
            text.append(lexicon.texts[token])
    assert ended > 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A writer of one layer, trained for a few steps; pruned, taught by it, exported."""
    made = tmp_path_factory.mktemp("writing")
    run("models.writing.train", CONFIG, "--run", str(made / "run"), "--cache", str(CACHE))
    run("models.writing.prune", str(made / "run"), "--keep", "0.5", "--texts", "6", "--out", str(made / "pruned"))
    run("models.writing.train", CONFIG, "--start", str(made / "pruned"), "--teacher", str(made / "run"), "--run", str(made / "student"))
    run("models.writing.export", str(made / "student"), "--out", str(made / "writer"))
    return made


@pytest.mark.timeout(600)
def test_pruned_and_taught_writer_is_loaded_and_its_texts_are_checked(folder):
    """Untrained as it is, it writes nothing unfaithful that is told; a damaged file is refused."""
    whole, half = (folder / "run" / "writer.pt", folder / "student" / "writer.pt")
    assert half.stat().st_size < whole.stat().st_size - 1_000_000
    writer, rng = SlmWriter(folder / "writer"), random.Random(2)
    for language in LANGUAGES:
        told = narrate(scene(rng), Style(language=language), writer)
        assert told.faithful
        assert told.model == (writer.name if told.by == "slm" else None)
    graph = folder / "writer" / "writer.bin"
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(FatalError, match="install the model again"):
        SlmWriter(folder / "writer")


def test_shipped_writer_has_the_words_and_the_grammar_of_the_phrases():
    """Who edits a phrase exports the writer again; a new word wants training."""
    folder = default_model_folder("writer")
    shipped, made = Tokenizer.from_file(str(folder / "tokenizer.json")), build_tokenizer()
    assert shipped.get_vocab() == made.get_vocab()
    grammars, kinds = read_grammar(folder / "grammar.json")
    for language in LANGUAGES:
        assert kinds[language] == classes(language)
        assert grammars[language] == grammar(made, language)


def test_shipped_writer_tells_windows_of_sites_that_it_does_not_know():
    """Nearly all by itself, every one faithfully."""
    writer = SlmWriter(default_model_folder("writer"))
    told = [narrate(case.facts, Style(language=case.language), writer, case.devices) for case in islice(cases(), 36)]
    assert all(one.faithful for one in told)
    assert sum(one.by == "slm" for one in told) >= 34
