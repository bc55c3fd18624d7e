"""Literal -> value: number, binary, state or text, as the quantity's kind asks for. Nothing is rounded or repaired."""

import math
import re
import unicodedata
from collections.abc import Iterable

from agent.domain.quantity import quantities

_GROUPED = re.compile(r"^[+-]?\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+(?:[.,]\d+)?$")
_COMMA_GROUPS = re.compile(r"^[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?$|^[+-]?\d{1,3},\d{3}\.\d+$")
_ONE_COMMA_GROUP = re.compile(r"^[+-]?[1-9]\d{0,2},\d{3}$")
_ONE_POINT_GROUP = re.compile(r"^[+-]?[1-9]\d{0,2}\.\d{3}$")
_DECIMALS = re.compile(r"[+-]?(?:0|\d+?(?=[.,](?:\d{1,2}|\d{4,})\Z)|\d{1,3}(?:\.\d{3})+(?=,)|\d{1,3}(?:,\d{3})+(?=\.))([.,])\d+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[^\W\d_](?:(?![A-Z])[^\W\d_])*|\d+")
_POINT_GROUPS = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?$|^[+-]?\d{1,3}\.\d{3},\d+$")

TRUE_WORDS = frozenset(
    "1 true on yes y open opened active detected alarm wet motion occupied present home unlocked online connected running"
    " charging low up enabled triggered ein an ja offen auf aktiv alarma oui marche ouvert ouverte actif activo si sí abierto"
    " leak leaking tripped tampered unsafe ajar raining reachable available"
    " geöffnet gekippt entriegelt erkannt nass anwesend läuft verbunden eingeschaltet"
    " allumé allumée présent présente déverrouillé déverrouillée détecté détectée connecté connectée activé activée"
    " ingeschakeld geopend ontgrendeld aanwezig verbonden gedetecteerd"
    " abierta aberto aberta ligado ligada ativo sim encendido aperto aperta acceso attivo aan open actief wlaczony tak otwarte"
    " zapnuto ano otevreno på öppen вкл да открыто 开 是 有 オン bật có mở mo co bat".split()
)
FALSE_WORDS = frozenset(
    "0 false off no n closed close inactive clear dry none normal idle unoccupied absent away not_home locked offline"
    " disconnected stopped discharging high ok down disabled aus nein zu geschlossen inaktiv non arrêt arret fermé ferme"
    " undetected secure secured safe vacant unreachable"
    " verriegelt abgeschlossen trocken abwesend steht getrennt ausgeschaltet"
    " fermée éteint éteinte absente verrouillé verrouillée déconnecté déconnectée désactivé désactivée"
    " nee gesloten uitgeschakeld vergrendeld afwezig"
    " inactif cerrado cerrada inactivo fechado fechada desligado desligada inativo nao não apagado chiuso spento inattivo uit"
    " dicht inactief wylaczony nie zamkniete vypnuto ne zavreno av stängd выкл нет закрыто 关 否 无 オフ tắt không đóng"
    " tat khong dong".split()
)
_NEGATIONS = frozenset(
    "no not non never without left away nicht kein keine keinen nie ohne pas sans niet geen zonder nessun sin sem ingen inte".split()
)
_OF_MEASURES = frozenset("low high up down".split())
"""Behind another word they tell of a measure, and not of a state: ``Voltage high`` is no word for normal."""
_MOST_STATE_PARTS = 8


def decimal_mark(literals: Iterable[str]) -> str | None:
    """The one mark that stands before decimals in these numbers; None where none of them is sure, or they have both.

    ``1.872`` alone may be one and a half or thousands; beside ``62,4`` its point can only group digits.
    """
    marks = {found[1] for literal in literals if (found := _DECIMALS.fullmatch(literal.replace("\u2212", "-")))}
    return marks.pop() if len(marks) == 1 else None


def parse_number(literal: str, mark: str | None = None) -> float | int | None:
    """The number that a literal writes, decimal comma and grouped digits included; None where it writes none.

    ``mark`` is what stands before decimals in the numbers beside it, where that is known.
    """
    text = unicodedata.normalize("NFKC", literal).strip().replace("\u2212", "-")
    if _GROUPED.match(text):
        text = re.sub(r"[ '’\u00a0\u202f]", "", text)
    if _COMMA_GROUPS.match(text) or (mark == "." and _ONE_COMMA_GROUP.match(text)):
        text = text.replace(",", "")
    elif _POINT_GROUPS.match(text) or (mark == "," and _ONE_POINT_GROUP.match(text)):
        text = text.replace(".", "").replace(",", ".")
    elif text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):  # beyond what JSON's readers take for a number
        return None
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else number


def parse_binary(literal: str, inverted: bool) -> bool | None:
    """The state of a binary; None where the word is not known. ``inverted`` turns what the literal says round."""
    word = " ".join(literal.casefold().split())
    number = parse_number(word)
    if number is not None:
        said: bool | None = number != 0
    else:
        said = _said(word)
        if said is None:
            said = _said_last(literal)
    return said if said is None or not inverted else not said


def _said(word: str) -> bool | None:
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None


def _said_last(literal: str) -> bool | None:
    """What the last word of several says, turned round by a negation before it: ``DoorState.Closed``, ``doorOpen``, ``no motion``."""
    parts = [part.casefold() for part in _PART.findall(literal)]
    if not 1 < len(parts) <= _MOST_STATE_PARTS or not parts[-1].isalpha() or parts[-1] in _OF_MEASURES:
        return None
    said = _said(parts[-1])
    return said if said is None or _NEGATIONS.isdisjoint(parts[:-1]) else not said


def parse_value(literal: str, quantity: str, inverted: bool = False, mark: str | None = None) -> float | int | bool | str:
    """The value of a literal as its quantity's kind wants it; the literal itself where it cannot be had.

    ``mark`` is the decimal mark of the numbers beside it (``parse_number``).
    """
    kind = quantities()[quantity].kind
    if kind == "binary":
        state = parse_binary(literal, inverted)
        return literal if state is None else state
    if kind == "number":
        number = parse_number(literal, mark)
        return literal if number is None else number
    return literal
