"""The data files are sound, and what is drawn from them is labelled rightly by construction."""

import random
from importlib.resources import files
from itertools import islice, product

import pytest

from agent.decode import decode
from agent.domain.document import Document
from agent.domain.quantity import quantities
from agent.domain.unit import codes, parse_unit, spellings
from agent.errors import DataError
from models.data import kinds as kinds_module
from models.data.examples import ROLE_IGNORED, ROLE_NONE, LabelSet, targets
from models.data.generate import draw_kind, draw_mixture, load_kinds, messages, whole_parts
from models.data.kinds import DEVICES, parse_field, read_envelopes, read_kinds
from models.data.lexicon import cased, read_lexicon
from models.data.message import draw_series, nought
from models.data.pairs import as_text, pairs
from models.data.values import Drawn, parse_value

FILES = sorted(DEVICES.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_device_file_has_no_fault(path):
    """Every field of every kind parses and uses the ontology and the unit list."""
    found, faults = read_kinds(path)
    assert found
    assert faults == []


def test_envelopes_have_no_fault():
    """Every envelope has a body and sound fields."""
    envelopes, faults = read_envelopes()
    assert envelopes
    assert faults == []


def test_kinds_are_many_and_named_once():
    """At least 500 kinds of devices and services, none twice."""
    names = [kind.name for kind in load_kinds()]
    assert len(names) == len(set(names))
    assert len(names) >= 500


def test_lexicon_covers_the_ontology():
    """Every quantity has names and values, and there are many things that are no readings."""
    lexicon, negatives = read_lexicon()
    assert set(lexicon) == set(quantities())
    assert all(word.values and word.names.get("en") for word in lexicon.values())
    assert len(negatives) >= 100


def test_generated_literals_stand_at_their_offsets():
    """Labels first, payload after: the offsets are those of the text."""
    for made in islice(messages(7), 1500):
        for reading in made["readings"] + made["optional"]:
            start = reading["start"]
            assert made["payload"][start : start + len(reading["literal"])] == reading["literal"], made
            assert reading["quantity"] in quantities()
            assert reading["unit"] is None or reading["unit"] in codes()


def test_one_seed_gives_the_same_messages():
    """A run can be repeated."""
    assert list(islice(messages(3), 50)) == list(islice(messages(3), 50))
    assert list(islice(messages(3), 50)) != list(islice(messages(4), 50))


def test_payloads_hardly_ever_repeat():
    """Of 3,000 drawn messages more than 2,850 differ."""
    assert len({made["payload"] for made in islice(messages(11), 3000)}) > 2850


@pytest.mark.parametrize(
    ("spec", "literal"),
    [
        ("5..5", "5"),
        ("5..5:1 as {} V", "5.0"),
        ("true|true", "true"),
        ('"7..7"', "7"),
        ("@epoch ?", None),
        ("[3] 1..1", "1"),
        ("2..2:1,", "2,0"),
        ("+2..2:1", "+2.0"),
        ("+-3..-3", "-3"),
        ("hoch|hoch as <{}>", "hoch"),
    ],
)
def test_value_specs(spec, literal):
    """The little language of values gives what its table says."""
    drawn = parse_value(spec).draw(random.Random(2))
    assert drawn.text[drawn.start : drawn.start + len(drawn.literal)] == drawn.literal
    assert literal is None or drawn.literal in (literal, literal.replace(".0", ""))


@pytest.mark.parametrize("spec", ["", "@nothing", "9..1", "1...3", "5..6 as no hole", "a||b"])
def test_bad_value_specs_are_refused(spec):
    """A typing error in a data file is told, not drawn."""
    with pytest.raises(DataError):
        parse_value(spec)


@pytest.mark.parametrize("line", ["temp temperature Cel", "temp heat Cel 1..2", "temp temperature Celsius 1..2"])
def test_bad_fields_are_refused(line):
    """A missing column, an unknown quantity or unit is told."""
    with pytest.raises(DataError):
        parse_field(line)


def test_products_that_judge_are_not_among_the_kinds():
    """The development set's products are left out, so that its figures are those of unseen sources."""
    for kind in load_kinds():
        assert not any(word in kind.name.lower() for word in kinds_module.HELD_OUT)


def test_every_spelling_reads_as_its_unit():
    """What the generator writes as a unit, the agent reads back."""
    wrong = [(code, text, parse_unit(text)) for code in codes() for text in spellings(code) if parse_unit(text) != code]
    assert len(wrong) <= 0.03 * sum(len(spellings(code)) for code in codes()), wrong[:20]


@pytest.mark.parametrize(
    ("name", "case", "key"),
    [("air temp", "snake", "air_temp"), ("air temp", "camel", "airTemp"), ("air temp", "upper", "AIR_TEMP"), ("TempC", "snake", "TempC")],
)
def test_casings(name, case, key):
    """Names of several words take a casing; those with their own keep it."""
    assert cased(name, case) == key


def test_agent_knows_the_units_of_each_quantity_that_kinds_have():
    """A kind with a new pair: run ``python -m models.data.pairs``."""
    known = files("agent.domain").joinpath("quantity_units.tsv").read_text(encoding="utf-8")
    assert as_text(pairs()) == known


def drawn_levels(path, lines):
    """Messages in JSON of a kind of three elements with these fields: payload, and how many levels are read in it."""
    fields = [f"s[{at}].{line}" for at, line in product(range(3), lines)]
    path.write_text("[[kind]]\nname = \"list\"\nfields = '''\n" + "\n".join(fields) + "\n'''\n")
    (kind,) = read_kinds(path)[0]
    records = [draw_kind(kind, random.Random(seed)) for seed in range(200)]
    return [
        (record["payload"], sum(reading["quantity"] == "level" for reading in record["readings"]))
        for record in records
        if record["format"] == "json"
    ]


def test_what_names_a_value_is_not_left_out(tmp_path):
    """A list of names and values means nothing without the names; a setting beside them may go."""
    levels = drawn_levels(tmp_path / "list.toml", ("label ! - tank", "value level % 0..100", "gain ! - 7"))
    assert all(payload.count("tank") >= count for payload, count in levels)
    assert sum(payload.count("gain") < count for payload, count in levels) > 20


def test_text_above_a_value_and_in_other_languages_names_it(tmp_path):
    """A group's title and a word beside ``wert`` stay; a number beside it may go."""
    levels = drawn_levels(tmp_path / "list.toml", ("ort ! - Keller", "m.was ! - Pegel", "m.wert level % 0..100", "m.zusatz ! - 7"))
    assert all(min(payload.count("Keller"), payload.count("Pegel")) >= count for payload, count in levels)
    assert sum(payload.lower().count("zusatz") < count for payload, count in levels) > 5


def test_mixtures_hold_whole_parts_of_several_kinds(tmp_path):
    """What stands at the top of a message goes with all below it; values named by what is beside them stay at home."""
    path = tmp_path / "kinds.toml"
    path.write_text(
        """
[[kind]]
name = "pump"
fields = '''
pump.speed rotational_speed /min 1400..1500
pump.mode mode - auto|manual
zz count - 1..9
'''

[[kind]]
name = "cellar"
fields = '''
airTemperature temperature Cel 8.0..12.0
airHumidity humidity % 60..80
'''

[[kind]]
name = "lone"
fields = '''
value temperature Cel 8.0..12.0
name ! - @name
'''
""",
        encoding="utf-8",
    )
    kinds, faults = read_kinds(path)
    assert not faults
    assert [len(whole_parts(kind)) for kind in kinds] == [1, 2, 0]
    rng = random.Random(4)
    drawn = [draw_mixture(kinds[:2], rng) for _ in range(60)]
    texts = [made["payload"].lower() for made in drawn]
    assert any("pump" in text and "humidity" in text for text in texts)
    assert all(("speed" in text) == ("mode" in text) for text in texts)
    assert not any('"zz"' in text for text in texts)
    for made in drawn:
        for reading in made["readings"]:
            assert made["payload"][reading["start"] :].startswith(reading["literal"])


@pytest.mark.parametrize(
    ("text", "literal", "noughts"),
    [("21.5", "21.5", {"0", "0.0"}), ("P=7 W", "7", {"P=0 W"}), ("100", "100", {"0"}), ("1,25", "1,25", {"0,00"}), ("on", "on", {"on"})],
)
def test_an_idle_device_sends_noughts_as_it_sends_numbers(text, literal, noughts):
    """The text around a number stays, and so do its decimals where it has to be quoted; words are left."""
    drawn = Drawn(text, literal, text.index(literal), text != literal or "," in literal)
    field = parse_field("power power W 0..100")
    rng = random.Random(1)
    made = [nought(drawn, field, rng) for _ in range(200)]
    assert {one.text for one in made} == noughts | {text}
    assert all(one.text[one.start :].startswith(one.literal) for one in made)


def test_a_series_holds_its_value_at_times_or_is_mostly_nought():
    """A history of samples is not made of independent values alone."""
    field = parse_field("temps temperature Cel 20..30:2")
    rng = random.Random(3)
    made = [[one.literal for one in draw_series(field, 8, rng)] for _ in range(300)]
    shares = [
        sum(len(set(series)) > 6 for series in made) / 300,
        sum(len(set(series)) <= 4 and "0.00" not in series for series in made) / 300,
        sum("0.00" in series for series in made) / 300,
    ]
    assert all(share > 0.1 for share in shares), shares


def test_candidate_across_a_literal_cut_otherwise_says_nothing():
    """Decoding offers ``+032967.6`` where ``032967.6`` is labelled: the one candidate is left out of the loss, its neighbours are none."""
    payload = "ST,NT,+032967.6 kg"
    label = {"name": "", "quantity": "weight", "literal": "032967.6", "start": payload.index("032967.6"), "unit": "kg"}
    document = decode(payload.encode(), "a/b")
    assert isinstance(document, Document)
    made = targets({"readings": [label]}, document, LabelSet())
    roles = {candidate.literal: target.role for candidate, target in zip(document.candidates, made, strict=True)}
    assert roles["+032967.6"] == ROLE_IGNORED
    assert roles["NT"] == ROLE_NONE
