"""The compiled loop, and the memory that it works in: many people's work in, what it wrote out."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from .elementary import WIDTH
from .landing import LOGGED, MOST_PENDING
from .memory import TABLE, Memory, lanes, table
from .native import Native
from .objects import key_of, load, sources_of
from .schedule import Given, Rule, Watch

Array = np.ndarray
FUNCTIONS: Final = ("run", "lag", "bends")
DONE, TOO_MANY_STEPS, STEP_TOO_SMALL, FULL, ENDLESS, CROWDED = range(6)  # as in core/stepper.py
SOURCES: Final = sources_of(  # read when they are imported, and not again
    Path(__file__).parent,
    "attempt bends crossing dialect elementary history landing memory rosenbrock stepper translate",
)


@dataclass(frozen=True)
class Machine:
    """The loop, called with the address of its table; the address of what looks back; `bends.bends`; their owner."""

    call: Any
    lag: int
    bends: Any
    _keep: Any


@functools.cache
def machine() -> Machine:
    """Compiles for a second or two the first time."""
    engine, _ = load(key_of(SOURCES), _build, SOURCES)
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
    looks = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
    run, lag, bends = (engine.get_function_address(name) for name in FUNCTIONS)
    return Machine(kind(run), lag, looks(bends), engine)


def _build() -> tuple[str, tuple[str, ...], dict[str, Any]]:
    from .bends import bends
    from .dialect import REALS, WHOLE, WHOLES
    from .history import lag
    from .stepper import run as loop
    from .translate import translate

    looking_back = [WHOLES, WHOLE, WHOLE, REALS, REALS, REALS, REALS]
    entries = {"run": (loop, [WHOLES]), "lag": (lag, looking_back), "bends": (bends, [REALS, WHOLE, WHOLES])}
    return translate(entries, TABLE), FUNCTIONS, {}


def bends(value: Array) -> Array:
    """(steps,) what `core/bends.py` says of each step, from its four values, (steps, 4)."""
    value = np.ascontiguousarray(value, dtype=np.float64)
    kind: Array = np.empty(len(value), np.int64)
    machine().bends(value.ctypes.data, len(value), kind.ctypes.data)
    return kind


@dataclass(frozen=True)
class Work:
    """What is to be done for each of some people."""

    parameters: Array  # (people, parameters)
    begin: Array  # (people, pools)
    floors: Array  # (people, pools): below it a pool is followed to this absolute accuracy only
    given: Sequence[Sequence[Given]]
    rules: Sequence[Rule]
    ending: Array  # (events,) 1 for those after which all stands still
    recorded: tuple[str, ...]  # signals, events and pools
    end: float
    tolerance: float
    at_rest: bool = False  # what is lagged is what it is now, and events and rules wait
    most: int = 200_000

    def only(self, who: Array) -> Work:
        """The work for some of these people."""
        return replace(
            self,
            parameters=self.parameters[who],
            begin=self.begin[who],
            floors=self.floors[who],
            given=[self.given[i] for i in who],
            rules=[rule.only(who, len(self.begin)) for rule in self.rules],
        )


@dataclass(frozen=True)
class Steps:
    """What a run left, for each person; the steps of one stand after those of another.  See `core/stepper.py`."""

    status: Array
    reached: Array
    steps: Array  # (people,) how many
    tries: Array  # (people,) with those that were too long
    since: Array  # (steps,)
    until: Array
    value: Array  # (recorded, steps, 4)
    final: Array
    loss: Array
    lowest: Array
    acts: Array  # (people, rules) how often each rule acted
    acted: Array  # (people, rules, LOGGED) when, the first times


def run(
    native: Native, names: Mapping[str, int], heard: Sequence[str], family: Array, work: Work, room: int, memory: Memory
) -> Steps:
    """All people of the work, with room for `room` steps each in this memory: they stand there until it is taken again.

    names: where each signal, event and pool stands among what is computed.  family: (families, pools) moles' weights.
    """
    people, pools = work.begin.shape
    recorded, rules = len(work.recorded), len(work.rules)
    since, until, value = memory.parts((people * room,), (people * room,), (recorded, people * room, 4))
    out = Steps(
        np.zeros(people, np.int64), np.zeros(people), np.zeros(people, np.int64), np.zeros(people, np.int64),
        since, until, value, np.empty((people, pools)), np.zeros((people, len(family))),
        np.zeros((people, pools)), np.zeros((people, rules), np.int64), np.full((people, rules, LOGGED), np.nan),
    )  # fmt: skip
    sizes = dict(
        pools=pools, numbers=work.parameters.shape[1], events=native.events, entries=len(native.entries),
        named=len(names) - pools - native.events,
        fill=native.fill,
        assigned=len(native.assigned), heard=len(heard), sites=native.sites, families=len(family), people=people,
        next=0, active=WIDTH, at_rest=work.at_rest, room=room, most=work.most, recorded=recorded, rules=rules,
        lag=machine().lag, node=native.node, rates=native.rates, signals=native.signals, assign=native.assign,
        factor=native.factor, solve=native.solve,
    )  # fmt: skip
    tags = {name: k for k, name in enumerate(dict.fromkeys(n for rule in work.rules for n in rule.stops))}
    contents: dict[str, Any] = {
        **sizes, **_system(native, heard, family, work), **_doses(work, tags), **_rules(work, tags),
        **_working(sizes, len(tags)),
        "chosen": np.array([names[name] for name in work.recorded], dtype=np.int64),
        "settings": np.array([work.end, work.tolerance]),
        "parameters": np.ascontiguousarray(work.parameters), "begin": np.ascontiguousarray(work.begin),
        "floors": np.ascontiguousarray(work.floors), "tags": len(tags),
        "status": out.status, "reached": out.reached, "steps_out": out.steps, "tries_out": out.tries,
        "since": out.since, "until": out.until, "value": out.value,
        "final": out.final, "loss_out": out.loss, "lowest": out.lowest, "acts_out": out.acts, "acted": out.acted,
    }  # fmt: skip
    words = table(contents)  # held here, as all that it points to is by `contents`
    machine().call(words.ctypes.data)
    taken = int(out.steps.sum())
    return replace(out, since=out.since[:taken], until=out.until[:taken], value=out.value[:, :taken])


def outside() -> tuple[Array, Any]:
    """The table for who calls a system's functions without the loop; it must be kept alive with what comes beside it.

    What is lagged is what it is now, as in a body at rest.
    """
    somebody, long = np.zeros(WIDTH, np.int64), np.full(WIDTH, 1e9)
    words = np.zeros(len(TABLE), np.int64)
    contents = dict(lag=machine().lag, step=long.ctypes.data, at_rest=1, who=somebody.ctypes.data)
    for name, word in contents.items():
        words[[*TABLE].index(name)] = word
    return words, (somebody, long)


def merge(steps: Steps, who: Array, again: Steps) -> Steps:
    """The same, with some people's runs replaced by others."""
    count = steps.steps.copy()
    count[who] = again.steps
    old = np.isin(np.repeat(np.arange(len(count)), steps.steps), who)
    new = np.isin(np.repeat(np.arange(len(count)), count), who)
    found = {}
    for field in fields(Steps):
        before, after = getattr(steps, field.name), getattr(again, field.name)
        if field.name in ("since", "until", "value"):
            axis = int(field.name == "value")
            found[field.name] = whole = np.empty((*before.shape[:axis], count.sum(), *before.shape[axis + 1 :]))
            np.moveaxis(whole, axis, 0)[~new] = np.moveaxis(before, axis, 0)[~old]
            np.moveaxis(whole, axis, 0)[new] = np.moveaxis(after, axis, 0)
        else:
            found[field.name] = before.copy()
            found[field.name][who] = after
    return Steps(**found)


def _system(native: Native, heard: Sequence[str], family: Array, work: Work) -> dict[str, Any]:
    return {
        "assignments": native.assigned, "ending": work.ending,
        "heard_slot": np.array([work.recorded.index(name) for name in heard], dtype=np.int64),
        "family": np.repeat(family.ravel(), WIDTH),
    }  # fmt: skip


def _doses(work: Work, tags: Mapping[str, int]) -> dict[str, Array]:
    """Everybody's schedules in one list, each sorted by time; an infusion adds to the inflow of its pool."""
    pools = work.begin.shape[1]
    rows: list[tuple[float, int, float, int]] = []
    first = [0]
    for plan in work.given:
        for g in sorted(plan, key=lambda g: g.time):
            tag = tags.get(g.name, -1) if g.name else -1
            if g.amount != 0.0:
                rows.append((g.time, g.pool, g.amount, tag))
            if g.rate != 0.0:
                rows.append((g.time, pools + g.pool, g.rate, tag))
        first.append(len(rows))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return {
        "dose_first": np.array(first, dtype=np.int64), "dose_time": np.array(columns[0], dtype=float),
        "dose_target": np.array(columns[1], dtype=np.int64), "dose_size": np.array(columns[2], dtype=float),
        "dose_tag": np.array(columns[3], dtype=np.int64),
    }  # fmt: skip


def _rules(work: Work, tags: Mapping[str, int]) -> dict[str, Array]:
    people, watches = len(work.begin), [w for rule in work.rules for w in (rule.when, rule.reset) if w is not None]
    places = {id(watch): k for k, watch in enumerate(watches)}
    acts = [act for rule in work.rules for act in rule.acts]

    def whole(values: Any) -> Array:
        return np.array([*values], dtype=np.int64)

    def each(rows: Sequence[Array]) -> Array:
        return np.ascontiguousarray([np.broadcast_to(row, people) for row in rows], dtype=float).ravel()

    def slot(name: str) -> int:
        return work.recorded.index(name) if name else -1

    def place(watch: Watch | None) -> int:
        return -1 if watch is None else places[id(watch)]

    return {
        "watch_slot": whole(slot(w.signal) for w in watches), "watch_other": whole(slot(w.other) for w in watches),
        "watch_sign": whole(w.sign for w in watches), "watch_equal": whole(w.equal for w in watches),
        "watch_level": each([w.level for w in watches]),
        "when": whole(place(r.when) for r in work.rules), "reset": whole(place(r.reset) for r in work.rules),
        "wait": each([r.wait for r in work.rules]), "repeat": np.array([r.repeat for r in work.rules], dtype=float),
        "limit": whole(r.limit for r in work.rules), "recheck": whole(r.recheck for r in work.rules),
        "rule_tag": whole(tags.get(r.name, -1) for r in work.rules),
        "act_first": whole(np.cumsum([0, *(len(r.acts) for r in work.rules)])),
        "act_target": whole(a.target for a in acts), "act_size": each([a.size for a in acts]),
        "act_until": np.array([a.until for a in acts], dtype=float),
        "stop_first": whole(np.cumsum([0, *(len(r.stops) for r in work.rules)])),
        "stops": whole(tags[name] for r in work.rules for name in r.stops),
    }  # fmt: skip


def _working(sizes: Mapping[str, int], tags: int) -> dict[str, Array]:
    """Memory by lane, 0 at first; rows of each."""
    n, events, rules, families = (sizes[k] for k in ("pools", "events", "rules", "families"))
    wholes = dict(
        who=1, tries=1, steps=1, dose=1, fresh=1, landing=1, rejected=1, smooth=1, still=1, fired=1, above=events,
        rule_state=rules, rule_done=rules, rule_count=rules, stopped=tags, pending=1, pending_act=MOST_PENDING,
        hint=sizes["sites"],
    )  # fmt: skip
    reals = dict(
        time=1, target=1, wish=1, grown=1, accepted=1, rule_next=rules, pending_time=MOST_PENDING, given=families,
        worst_loss=families, least=n, floor=n, state=2 * n + sizes["numbers"], node_out=n + sizes["entries"],
        new_rates=n, u=4 * n, work=n, new=n, stage_time=1, shift=1, lu=sizes["fill"], error=1, growth=1,
        changed=sizes["assigned"], seen=4 * (sizes["named"] + events + n), now=sizes["recorded"], crossing_now=events,
        before=sizes["heard"],
    )  # fmt: skip
    found = {name: lanes(rows, np.int64) for name, rows in wholes.items()}
    found |= {name: lanes(rows) for name, rows in reals.items()}
    found["step"] = lanes(1)
    found["step"][:] = 1.0
    return found
