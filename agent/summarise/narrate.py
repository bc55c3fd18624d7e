"""Facts -> the text that is told: a writer's draft, filled, checked; made once more where it fails, then by arithmetic and marked."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from agent.errors import DataError, RetryableError
from agent.summarise.arithmetic import ArithmeticWriter, chosen
from agent.summarise.check import Fault, check
from agent.summarise.draft import Writer, fill
from agent.summarise.facts import Facts
from agent.summarise.wording import Style, shown_name, written

By = Literal["slm", "arithmetic"]
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Narration:
    """A text, whether the check found it faithful, who wrote it, and the faults of each draft that was refused."""

    text: str
    faithful: bool
    by: By
    model: str | None
    """The name of the model that wrote it."""
    refused: tuple[tuple[Fault, ...], ...] = ()


def narrate(facts: Facts, style: Style, writer: Writer | None = None, known_names: Collection[str] = ()) -> Narration:
    """The text of facts. ``writer`` is a model, None where there is none; the arithmetic writer stands behind it.

    Where even its text fails the check there is none. ``known_names`` are devices that may not be named unless a fact is of them; those
    that are called like our own words are let pass.
    """
    told = chosen(facts)
    shown = {fact.id: written(fact, told, style) for fact in told.facts}
    devices = {getattr(fact, "device", None) for fact in told.facts}
    names = [name for name in known_names if name not in devices and shown_name(name, style.words) == name]
    refused: list[tuple[Fault, ...]] = []

    def attempt(by: Writer, number: int) -> str:
        """The text of a draft; faults go to ``refused``."""
        try:
            text = fill(by.write(told, style, number), shown)
        except DataError as error:
            refused.append((Fault("placeholder", str(error)),))
            return ""
        except RetryableError as error:
            refused.append((Fault("writer", str(error)),))
            return ""
        faults = check(text, told.facts, shown, style.words, names)
        if faults:
            refused.append(tuple(faults))
        return text

    for number in range(ATTEMPTS if writer is not None else 0):
        assert writer is not None
        text = attempt(writer, number)
        if len(refused) == number:
            return Narration(text, True, "slm", writer.name, tuple(refused))
    before = len(refused)
    text = attempt(ArithmeticWriter(), 0)
    is_faithful = len(refused) == before
    return Narration(text if is_faithful else "", is_faithful, "arithmetic", None, tuple(refused))
