"""Literal -> value: number, binary, state or text, as the quantity's kind asks for. Nothing is rounded or repaired."""

import math
import re
import unicodedata

from agent.domain.quantity import quantities

_GROUPED = re.compile(r"^[+-]?\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+(?:[.,]\d+)?$")
_COMMA_GROUPS = re.compile(r"^[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?$|^[+-]?\d{1,3},\d{3}\.\d+$")
_POINT_GROUPS = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?$|^[+-]?\d{1,3}\.\d{3},\d+$")

TRUE_WORDS = frozenset(
    "1 true on yes y open opened active detected alarm wet motion occupied present home unlocked online connected running"
    " charging low up enabled triggered ein an ja offen auf aktiv alarma oui marche ouvert ouverte actif activo si sí abierto"
    " abierta aberto aberta ligado ligada ativo sim encendido aperto aperta acceso attivo aan open actief wlaczony tak otwarte"
    " zapnuto ano otevreno på öppen вкл да открыто 开 是 有 オン bật có mở mo co bat".split()
)
FALSE_WORDS = frozenset(
    "0 false off no n closed close inactive clear dry none normal idle unoccupied absent away not_home locked offline"
    " disconnected stopped discharging high ok down disabled aus nein zu geschlossen inaktiv non arrêt arret fermé ferme"
    " inactif cerrado cerrada inactivo fechado fechada desligado desligada inativo nao não apagado chiuso spento inattivo uit"
    " dicht inactief wylaczony nie zamkniete vypnuto ne zavreno av stängd выкл нет закрыто 关 否 无 オフ tắt không đóng"
    " tat khong dong".split()
)


def parse_number(literal: str) -> float | int | None:
    """The number that a literal writes, decimal comma and grouped digits included; None where it writes none."""
    text = unicodedata.normalize("NFKC", literal).strip().replace("\u2212", "-")
    if _GROUPED.match(text):
        text = re.sub(r"[ '’\u00a0\u202f]", "", text)
    if _COMMA_GROUPS.match(text):
        text = text.replace(",", "")
    elif _POINT_GROUPS.match(text):
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
        said = True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
    return said if said is None or not inverted else not said


def parse_value(literal: str, quantity: str, inverted: bool = False) -> float | int | bool | str:
    """The value of a literal as its quantity's kind wants it; the literal itself where it cannot be had."""
    kind = quantities()[quantity].kind
    if kind == "binary":
        state = parse_binary(literal, inverted)
        return literal if state is None else state
    if kind == "number":
        number = parse_number(literal)
        return literal if number is None else number
    return literal
