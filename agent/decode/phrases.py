"""Runs of words in a text -> the phrases that could be states: ``ON``, ``Solo seco``, ``NAO DETECTADO``.

By rule and in any language: where the run stands (behind a colon, alone on its line, behind a number) decides which of
its words are worth asking about, a few for each run. What names the next value is no phrase.
"""

from collections.abc import Iterator
from typing import NamedTuple

_STATES = """
on off ok nok ko yes true false open opened closed close locked unlocked normal warning critical alarm alert error fault
failed fail active inactive idle running stopped ready busy online offline connected disconnected low high good bad dry
wet empty full enabled disabled detected clear present absent charging discharging green yellow red
aus offen geschlossen gut schlecht trocken nass ligado desligado ativo inativo aberto fechado
encendido apagado abierto cerrado activado desactivado ouvert ferme fermé allumé éteint marche arrêt acceso
spento aperto chiuso aan uit öppen stängd włączony wyłączony zał wył вкл выкл включено выключено открыто закрыто норма
bật tắt heating cooling started stop prealarm tamper défaut störung storing sabotage
"""
_STATUS_WORDS = frozenset(_STATES.split())
_DIRECTIONS = frozenset(
    "north south east west northeast northwest southeast southwest nord süd ost nordost nordwest südost südwest noord zuid oost "
    "sud ouest nord-est nord-ouest sud-est sud-ouest nord-ovest sud-ovest ovest norte oeste leste noroeste nordeste sudoeste sudeste "
    "noreste suroeste sureste северный южный западный восточный северо-западный северо-восточный юго-западный юго-восточный".split()
)
_COMPASS_POINTS = frozenset("NNE NE ENE ESE SSE SSW SW WSW WNW NW NNW NNO ONO OSO SSO NNV VNV VSV SSV".split())
_GLUED_STATES = """
开 关 亮 灭 打开 关闭 开启 关上 已开 已关 启动 停止 运行 待机 停机 正常 异常 故障 报警 告警 在线 离线 有人 无人 充电 充电中
放电 低 高 满 空 湿 干 潮湿 干燥 漏水 断开 连接 已连接 断电 上锁 解锁 已锁 静止 移动 检测到 未检测到 运行中 待机中
オン オフ 開 閉 正常 異常 警報 運転 運転中 停止 停止中 待機 待機中 故障 検知 検出 満水 渇水 施錠 解錠 点灯 消灯 在室 不在 充電中 低下
정상 이상 고장 경보 열림 닫힘 켜짐 꺼짐 운전 정지 대기 감지
"""
"""States that stand glued to what they are told of, in writings without blanks."""
_NEGATIONS = tuple("无未不没非無")
_STATES_BY_LENGTH = tuple(sorted(set(_GLUED_STATES.split()), key=lambda state: (-len(state), state)))
_MOST_WORDS = 6
_MOST_CHARS = 64


class Span(NamedTuple):
    """A stretch of the text."""

    start: int
    end: int


def is_status(word: str) -> bool:
    """True for states in common tongues and points of the compass, asked about wherever they stand; others need a place that tells."""
    return word.lower() in _STATUS_WORDS or word.lower() in _DIRECTIONS or word in _COMPASS_POINTS


def value_phrases(words: list[Span]) -> Iterator[Span]:
    """Of words behind a colon or an equals sign: all of them, and what a longer sentence begins with."""
    if len(words) <= _MOST_WORDS:
        yield from _within(words, 0, len(words))
    for count in range(2, min(4, len(words))):
        yield from _within(words, 0, count)
    if 1 < len(words) <= 3:
        yield from _within(words, len(words) - 1, len(words))


def lone_phrases(words: list[Span]) -> Iterator[Span]:
    """Of words that nothing names: all of them, their last one to three, and their first two."""
    if len(words) <= _MOST_WORDS:
        yield from _within(words, 0, len(words))
    if len(words) <= _MOST_WORDS + 2:
        for count in range(1, min(4, len(words))):
            yield from _within(words, len(words) - count, len(words))
        if len(words) >= 4:
            yield from _within(words, 0, 2)


def trailing_phrases(words: list[Span]) -> Iterator[Span]:
    """Of words behind a number: all of them."""
    if len(words) <= _MOST_WORDS:
        yield from _within(words, 0, len(words))


def glued_state(word: str) -> str | None:
    """The longest known state that a word written without blanks ends with: ``启动`` of ``水泵启动``; none behind a negation."""
    state = next((state for state in _STATES_BY_LENGTH if word.endswith(state)), None)
    return None if state is None or word[: -len(state)].endswith(_NEGATIONS) else state


def _within(words: list[Span], first: int, last: int) -> Iterator[Span]:
    span = Span(words[first].start, words[last - 1].end)
    if span.end - span.start <= _MOST_CHARS:
        yield span
