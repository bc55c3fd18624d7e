"""The writer's vocabulary: every word that the phrases hold, every placeholder, every kind and quantity of a fact. A few thousand.

The language being closed, so is the vocabulary: the writer has no token with which it could write a digit, a unit or a device's name.
Rows of the embedding begin as the mean of the parent's rows for the same text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from agent.domain.quantity import quantities
from agent.summarise.arithmetic import MAX_TOLD
from agent.summarise.brief import END, MUST, NEXT, WRITE, device_token, head, language_token, tail
from agent.summarise.facts import FactBase
from agent.summarise.guide import CLASS, FINISH, JOINT, LEAD, OPENING, SECOND, START, STOP
from agent.summarise.wording import LANGUAGES, Language, words
from models.base import BaseModel
from models.writing.compose import SLOT, phrases

PIECE = r" ?\{f\d+|\.[a-z_]+\}| ?[^\W\d]+(?:['’-][^\W\d]+)*| ?[^\w\s]|\s"
UNKNOWN = "<unknown>"
PADDING = 0
"""The id of ``UNKNOWN``, which no pair holds."""


def split(text: str) -> list[str]:
    """A text as tokens."""
    return re.findall(PIECE, text)


def language_tokens(language: Language) -> list[str]:
    """Every token that stands between placeholders in a language, as it may stand there."""
    found = phrases(language)
    begins = [phrase for forms in found.clauses.values() for form in ("open", "turned") for phrase in forms.get(form, ())]
    begins += [phrase for both in found.pairs.values() for phrase in both] + [lead for leads in found.leads.values() for lead in leads]
    follows = [phrase for forms in found.clauses.values() for phrase in forms.get("follow", ())]
    joints = [*found.joins_same, *found.joins_other, *found.also]
    tokens: set[str] = {STOP}
    for text in (shown for phrase in (*begins, *follows, *joints) for shown in _shown(phrase, language)):
        tokens.update(split(f"x {text}")[1:])  # behind a word
        tokens.update(split(text))
    for text in (shown for phrase in begins for shown in _shown(phrase, language)):
        capital = text[:1].upper() + text[1:]
        tokens.update((*split(capital)[:1], *split(f"x {capital}")[1:2]))
    return sorted(token for token in tokens if "{" not in token and "}" not in token and token.strip())


def _shown(phrase: str, language: Language) -> Iterator[str]:
    """A phrase with the words of each class before its names, and placeholders that are cut away later."""
    return (SLOT.sub("{f1.x}", text) for text, _ in _by_class(phrase, language))


def control_tokens() -> list[str]:
    """What a brief is written in, and placeholders."""
    variants = sorted({name for language in LANGUAGES for name in words(language).clauses})
    fields = sorted({name for fact in _fact_types() for name in fact.model_fields})
    heads = [form for number in range(1, MAX_TOLD + 1) for form in (head(number), f" {head(number)}")]
    return [
        WRITE, END, MUST, NEXT, *map(language_token, LANGUAGES), *map(device_token, range(MAX_TOLD)), *heads, *map(tail, fields),
        *(f"<{name}>" for name in (*variants, *quantities())),
    ]  # fmt: skip


def _fact_types() -> Iterator[type[FactBase]]:
    waiting = [FactBase]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        yield kind


def build_tokenizer() -> Tokenizer:
    """The tokenizer of all languages."""
    tokens = dict.fromkeys([UNKNOWN, *control_tokens(), *(token for language in LANGUAGES for token in language_tokens(language))])
    tokenizer = Tokenizer(models.WordLevel({token: number for number, token in enumerate(tokens)}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PIECE), "isolated")
    return tokenizer


def grammar(tokenizer: Tokenizer, language: Language) -> dict[str, dict[int, dict[int, int]]]:
    """What may follow what in a language, as ``agent.summarise.guide`` reads it: a state is the two symbols before."""
    found, ids = phrases(language), tokenizer.get_vocab()
    texts = {LEAD: ["", *(lead for leads in found.leads.values() for lead in leads)], JOINT: [*found.joins_same, *found.joins_other]}
    texts |= {name: [] for name in words(language).clauses}
    for name, forms in found.clauses.items():
        texts[name.partition("@")[0]] += [phrase for phrases_of in forms.values() for phrase in phrases_of]
    texts |= {pair: list(both) for pair, both in found.pairs.items()}
    made = {}
    for name, listed in texts.items():
        states: dict[tuple[int, ...], int] = {(START,): START, (OPENING,): OPENING}
        follow: dict[int, dict[int, int]] = {START: {}}
        for phrase, kind in (shown for text in listed for shown in _by_class(text, language)):
            endings = [""] if name in (LEAD, JOINT) or " " in name else ["", *found.also]
            for ending in endings:
                for start, symbols in _symbols(phrase + ending, ids, name, kind):
                    before: tuple[int, ...] = (start,)
                    for symbol in symbols:
                        behind = (*before, symbol)[-2:]
                        follow.setdefault(states[before], {})[symbol] = states.setdefault(behind, len(states))
                        before = behind
                    follow.setdefault(states[before], {})[FINISH] = FINISH
        made[name] = follow
    return made


def classes(language: Language) -> dict[str, int]:
    """The class of each quantity's name, from 1: what the articles of a language depend on."""
    found = phrases(language)
    names = _classes(language)
    return {quantity: 1 + names.index(found.classes.get(quantity, names[0])) for quantity in quantities()}


def _classes(language: Language) -> list[str]:
    """The classes of a language, that of names without one first."""
    found = {kind for forms in phrases(language).articles.values() for kind in forms} | {"plain"}
    return sorted(found, key=lambda kind: (kind != "plain", kind))


def _by_class(phrase: str, language: Language) -> Iterator[tuple[str, int]]:
    """A phrase with the words of each class before its names, and the class, 0 where it has none of them."""
    articles = phrases(language).articles
    if not any(match[1] for match in SLOT.finditer(phrase)):
        yield phrase, 0
        return

    def put(match: re.Match[str], kind: str) -> str:
        slot = f"{{{match[2]}.{match[3]}}}" if match[2] else f"{{{match[3]}}}"
        word = articles[match[1]].get(kind, "") if match[1] else ""
        return f"{word} {slot}" if word else slot

    for number, kind in enumerate(_classes(language), 1):
        yield SLOT.sub(lambda match, kind=kind: put(match, kind), phrase), number  # type: ignore[misc]


def _symbols(phrase: str, ids: Mapping[str, int], name: str, kind: int) -> Iterator[tuple[int, list[int]]]:
    """A phrase as the guide's symbols with their start, in each form that the vocabulary has: within a sentence, and opening one.

    Its words before a quantity are those of the class ``kind``, where that is not 0.
    """
    marked = SLOT.sub(lambda match: f"{{f{match[2] or 1}.{match[3]}}}", phrase)
    capital = marked[:1].upper() + marked[1:]
    forms = [(START, f"x {marked}"), (OPENING, f"x {capital}"), (OPENING, f"({capital}")]
    if name in (JOINT, LEAD):
        forms = [(START, f"x{marked}" if name == JOINT else f"x {capital}")]
    for start, form in forms:
        symbols: list[int] = []
        second = 0
        for token in split(form)[1:]:
            if "{f" in token:
                second = SECOND if token.endswith("2") else 0
            elif token.strip():
                is_quantity = token == tail("quantity")
                if is_quantity and kind:  # what stands before it is of the class: its article, or where there is none a word or a field
                    symbols = [*symbols[:-1], (symbols[-1] | second) + CLASS * kind] if symbols and symbols[-1] >= 0 else symbols
                symbols.append(ids.get(token, -1) + second * token.endswith("}"))
        if -1 not in symbols:
            yield start, symbols


def rows(tokens: Iterable[str], base: BaseModel, parent: Tokenizer) -> npt.NDArray[np.float32]:
    """A row of the embedding for each token, (tokens, hidden)."""
    table = base.tensor("token_embd.weight")
    found = []
    for token in tokens:
        text = re.sub(r"[<>_]+", " ", token).strip() if token.startswith("<") else token
        ids = parent.encode(text, add_special_tokens=False).ids
        found.append(table[ids].mean(axis=0))
    return np.stack(found)
