"""The data files beside the code: how quantities are treated, and what they are called."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import inf
from typing import Literal, get_args

from agent.domain.quantity import quantities

Treatment = Literal["gauge", "direction", "total", "uptime", "binary", "state", "text"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How the values of a quantity are summed up and told."""

    treatment: Treatment
    worth: float = 0.0
    """The smallest change worth telling, in the usual unit; a share of the value where ``is_share``."""
    is_share: bool = False
    decimals: int | None = None
    """None for three significant digits."""
    weight: int = 2
    low: float = -inf
    high: float = inf
    """Limits where the site has set none, in the usual unit."""

    def worth_at(self, value: float) -> float:
        """The smallest change worth telling beside a value, in its unit."""
        return max(self.worth * abs(value), 1e-9) if self.is_share else self.worth


def read_tsv(name: str) -> list[dict[str, str]]:
    """The rows of a table of this package by their column names; lines beginning with # are notes."""
    lines = files("agent.summarise").joinpath(name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader((line for line in lines if line and line[0] != "#"), delimiter="\t"))


@cache
def _numeric_rules() -> dict[str, Rule]:
    return {row["name"]: _rule(row) for row in read_tsv("treatments.tsv")}


def _rule(row: dict[str, str]) -> Rule:
    assert row["treatment"] in get_args(Treatment), row
    is_share = row["worth"].endswith("%")
    worth = float(row["worth"].rstrip("%")) / (100 if is_share else 1)
    decimals = None if row["decimals"] == "-" else int(row["decimals"])
    low, high = (float(row["alert"][1:]) if row["alert"][0] == sign else limit for sign, limit in (("<", -inf), (">", inf)))
    return Rule(row["treatment"], worth, is_share, decimals, int(row["weight"]), low, high)  # type: ignore[arg-type]


_BY_KIND = {"binary": Rule("binary"), "state": Rule("state"), "text": Rule("text"), "time": Rule("text", weight=0)}


def rule_of(quantity: str) -> Rule:
    """How a quantity is summed up."""
    return _numeric_rules().get(quantity) or _BY_KIND[quantities()[quantity].kind]


@cache
def alarm_states() -> dict[str, int]:
    """The state (0 or 1) that is an alarm, by quantity."""
    return {row["name"]: int(row["alarm"] == "on") for row in read_tsv("words/states.tsv") if row["alarm"] != "-"}
