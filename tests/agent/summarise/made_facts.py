"""Facts of every type, made up: what writers and the check are tried on."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from agent.domain.quantity import quantities
from agent.summarise.facts import (
    Alarm,
    Bearing,
    Changed,
    Facts,
    Gap,
    Held,
    Increase,
    Limit,
    More,
    Nothing,
    Overview,
    Restart,
    Silence,
    Span,
    Spike,
    Steady,
    Step,
    Stuck,
    Tally,
    Texts,
    Trend,
    Uneventful,
    Unusual,
)  # fmt: skip
from agent.summarise.tables import rule_of

START = datetime(2026, 5, 1, 10, tzinfo=UTC)
SPAN = Span(start=START, end=START + timedelta(minutes=15))
DEVICES = ["attic-7", "Cold room 2", "pump_03", "A", "sensor/12", "a4:c1:38:00:11:22", "Tủ lạnh", "Kühlraum", "{x}", "0815", "temperature"]
GAUGES = [name for name, quantity in quantities().items() if quantity.kind == "number" and rule_of(name).treatment == "gauge"]
TOTALS = [name for name in quantities() if rule_of(name).treatment == "total"]
BINARIES = [name for name, quantity in quantities().items() if quantity.kind == "binary"]
STATES = [name for name, quantity in quantities().items() if quantity.kind == "state"]

devices = st.sampled_from(DEVICES)
values = st.floats(-40, 2000).map(lambda value: round(value, 2))
instants = st.integers(0, 899).map(lambda seconds: START + timedelta(seconds=seconds))
seconds = st.integers(1, 90_000).map(float)
counts = st.integers(1, 400)
words = st.sampled_from(["on", "off", "auto", "E12", "door open", "HIGH", "3", "läuft", "rising"])


def series(names):
    """The fields of a fact of one series."""

    @st.composite
    def made(draw):
        quantity = draw(st.sampled_from(names))
        name = draw(st.sampled_from([None, None, "tempF", "in.0"]))
        return {"device": draw(devices), "quantity": quantity, "unit": quantities()[quantity].unit, "name": name}

    return made()


def apart(kind, one, other, names=GAUGES, **rest):
    """A fact with two values that lie a tenth and more apart."""

    @st.composite
    def made(draw):
        first = draw(values)
        second = round(first + draw(st.sampled_from([-1, 1])) * (abs(first) * 0.1 + 1), 2)
        more = {field: draw(strategy) for field, strategy in rest.items()}
        if "side" in kind.model_fields:
            more["side"] = "above" if second > first else "below"
        return kind(**draw(series(names)), **{one: first, other: second}, **more)

    return made()


@st.composite
def steadies(draw):
    """A level with its range."""
    low, mean, high = sorted(draw(st.tuples(values, values, values)))
    return Steady(**draw(series(GAUGES)), mean=mean, low=low, high=high, median=mean, deviation=1.0, count=draw(counts))


@st.composite
def overviews(draw):
    """Levels of several devices."""
    low, mean, high = sorted(draw(st.tuples(values, values, values)))
    quantity = draw(st.sampled_from(GAUGES))
    return Overview(quantity=quantity, unit=quantities()[quantity].unit, series=draw(counts), mean=mean, low=low, high=high)


@st.composite
def alarms(draw):
    """An alarm that goes on or is over."""
    ongoing = draw(st.booleans())
    since = draw(st.none() | instants) if ongoing else None
    return Alarm(**draw(series(BINARIES)), state=draw(st.sampled_from(["on", "off"])), since=since, duration=draw(seconds), ongoing=ongoing,
                 must_say=True)  # fmt: skip


@st.composite
def gaps(draw):
    """A gap with its ends in order."""
    begin = draw(instants)
    duration = draw(st.integers(60, 900))
    return Gap(device=draw(devices), begin=begin, end=begin + timedelta(seconds=duration), duration=duration)


ANY = st.one_of(
    alarms(), steadies(), overviews(), gaps(),
    apart(Limit, "limit", "extreme", at=instants, duration=seconds, must_say=st.just(True)),
    apart(Unusual, "usual", "extreme", at=instants),
    apart(Step, "before", "after", at=instants),
    apart(Spike, "usual", "extreme", at=instants),
    apart(Trend, "before", "after", rate=values),
    st.builds(Silence, device=devices, last=instants, usual=seconds, must_say=st.just(True), id=st.just("")),
    series(GAUGES).flatmap(lambda fields: st.builds(lambda value, since: Stuck(**fields, value=value, since=since), values, instants)),
    st.builds(lambda device, count: Restart(device=device, count=count), devices, counts),
    st.builds(lambda device, count: Texts(device=device, count=count, kinds={"trip #": count}, commonest="trip #"), devices, counts),
    series(STATES + BINARIES).flatmap(lambda fields: st.builds(lambda n, state: Changed(**fields, changes=n, state=state), counts, words)),
    series(STATES).flatmap(lambda fields: st.builds(lambda state: Held(**fields, state=state), words)),
    st.builds(lambda kind, count: Tally(kind=kind, count=count), st.sampled_from(["unread", "late", "implausible"]), counts),
    series(TOTALS).flatmap(lambda fields: st.builds(lambda value: Increase(**fields, increase=value), st.floats(0.001, 500))),
    series(["wind_direction"]).flatmap(
        lambda fields: st.builds(lambda mean, share: Bearing(**fields, mean=mean, steadiness=share), st.floats(0, 359), st.floats(0, 1))
    ),
)  # fmt: skip


@st.composite
def alike(draw):
    """A fact, maybe told for other devices too."""
    fact = draw(ANY)
    others = tuple(name for name in draw(st.lists(devices, max_size=6, unique=True)) if name != getattr(fact, "device", name))
    return fact.model_copy(update={"also": others}) if fact.type in ("alarm", "silence", "step", "trend", "changed", "limit") else fact


def numbered(found):
    """Facts of a window with their ids."""
    return Facts(group="site", window=SPAN, facts=tuple(fact.model_copy(update={"id": f"f{n}"}) for n, fact in enumerate(found, 1)))


def _place(fact):
    return getattr(fact, "device", None), getattr(fact, "quantity", None), getattr(fact, "name", None), fact.type


facts_of_a_window = st.lists(alike(), min_size=1, max_size=12, unique_by=_place).map(numbered)
NOTHING = numbered([Nothing()])
UNEVENTFUL = numbered([Uneventful(count=60)])
MORE = numbered([More(count=3, must_say=True)])
