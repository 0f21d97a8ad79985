"""How Rasa runs its graph, finds an event's class and looks for rules: the same results, without the detours.

Rasa 3.6.21 plans a graph of a dozen steps anew for each message and each prediction, and hands it to Dask's
scheduler for many threads; goes through all subclasses of ``Event`` for each event it reads; and holds every
rule against the conversation. Rasa has no setting for any of it, so ``install`` puts the functions of this
file in its place, for the very version they were written for and no other.

It also keeps linear algebra to one thread: a message is too little to share, and a second thread spends as
much of the processor waiting as the first one spends working.
"""

from __future__ import annotations

import logging
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple, Type

import rasa
from rasa.core import processor
from rasa.core.policies import memoization
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import State
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses
from threadpoolctl import threadpool_limits  # scikit-learn brings it along

logger = logging.getLogger(__name__)
Json = Dict[str, Any]

WRITTEN_FOR = "3.6.21"
_classes: Dict[str, Type[Event]] = {}


class Replaced(NamedTuple):
    """What ``install`` replaces."""

    run: Callable[..., Json]
    resolve_by_type: Callable[..., Optional[Type[Event]]]
    possible_keys: Callable[..., Set[str]]


RASAS = Replaced(DaskGraphRunner.run, Event.resolve_by_type, RulePolicy._get_possible_keys)  # noqa: SLF001
"""Rasa's own."""


def install() -> None:
    """Has Rasa use this file; with another Rasa it leaves Rasa's own functions and says so."""
    threadpool_limits(limits=1)
    if rasa.__version__ != WRITTEN_FOR:
        logger.warning(
            "Rasa is %s; bot/engine/shortcuts.py was written for %s and is not used.",
            rasa.__version__,
            WRITTEN_FOR,
        )
        return
    DaskGraphRunner.run = run
    Event.resolve_by_type = staticmethod(resolve_by_type)
    RulePolicy._get_possible_keys = possible_keys  # noqa: SLF001 -- Rasa has no other way to it
    # They copy what they may write into the log, even if they don't; and nothing else.
    processor.copy = memoization.copy = _Uncopied


class _Uncopied:
    """In place of the module ``copy``."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value


def run(self: DaskGraphRunner, inputs: Optional[Json] = None, targets: Optional[List[str]] = None) -> Json:
    """The outputs of ``targets``, or of the graph's own: each step is run once, when what it needs is there.

    Raises GraphRunError where Rasa's ``DaskGraphRunner.run`` does.
    """
    schema: GraphSchema = self._graph_schema
    wanted = list(targets or schema.target_names)
    for name in inputs or {}:
        if name in schema.nodes:
            raise GraphRunError(f"The input {name!r} has the name of one of the graph's steps.")
    done: Json = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for name in _plan(self, wanted):
            # A step is told the name alone of what nobody gave.
            done[name] = self._instantiated_nodes[name](
                *(done.get(needed, needed) for needed in schema.nodes[name].needs.values())
            )
    except RuntimeError as fault:
        raise GraphRunError("The graph could not be run.") from fault
    return dict(done[name] for name in wanted)


def _plan(runner: DaskGraphRunner, wanted: Sequence[str]) -> List[str]:
    """The steps that the wanted ones need, each behind what it needs itself; found once for a runner."""
    plans: Dict[Tuple[str, ...], List[str]] = runner.__dict__.setdefault("_plans", {})
    key = tuple(wanted)
    if key not in plans:
        order: Dict[str, None] = {}
        for name in wanted:
            _add_behind_needs(runner._graph_schema, name, order)  # noqa: SLF001 -- Rasa has no other way
        plans[key] = list(order)
    return plans[key]


def _add_behind_needs(schema: GraphSchema, name: str, order: Dict[str, None]) -> None:
    if name in schema.nodes and name not in order:
        for needed in schema.nodes[name].needs.values():
            _add_behind_needs(schema, needed, order)
        order[name] = None


def resolve_by_type(type_name: str, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
    """The class of events of that name, as Rasa's ``Event.resolve_by_type`` finds it.

    Rasa's own is asked for a name that no class had so far: there may be a new one.
    """
    if type_name not in _classes:
        _classes.update({one.type_name: one for one in reversed(all_subclasses(Event))})
    found = _classes.get(type_name)
    return found if found is not None else RASAS.resolve_by_type(type_name, default)


class RuleIndex(NamedTuple):
    """The rules of one lookup, by what their last state asks for: the action before, and the intent.

    None stands for a rule that asks for any, or in another way than by one name.
    """

    lookup: Dict[str, Any]
    size: int
    rules: Dict[Tuple[Optional[str], Optional[str]], List[str]]

    @classmethod
    def of(cls, lookup: Dict[str, Any]) -> RuleIndex:
        """Sorts the rules of a lookup."""
        rules: Dict[Tuple[Optional[str], Optional[str]], List[str]] = {}
        for key in lookup:
            rules.setdefault(_asked_by(key), []).append(key)
        return cls(lookup, len(lookup), rules)

    def candidates(self, state: State) -> List[str]:
        """Every rule that may apply in this state, and some that don't."""
        action = state.get(PREVIOUS_ACTION, {}).get("action_name")
        intent = state.get(USER, {}).get("intent")
        asked = {(one, other) for one in (action, None) for other in (intent, None)}
        return [key for names in asked for key in self.rules.get(names, ())]


def _asked_by(key: str) -> Tuple[Optional[str], Optional[str]]:
    states: List[State] = RulePolicy._rule_key_to_state(key)  # noqa: SLF001 -- Rasa has no other way to it
    before = states[-1].get(PREVIOUS_ACTION) if states else None
    if not before:
        # It is of a conversation's start, where Rasa asks for nothing else.
        return None, None
    return _one_name(before.get("action_name")), _one_name(states[-1].get(USER, {}).get("intent"))


def _one_name(value: Any) -> Optional[str]:
    return value if isinstance(value, str) and value and value != SHOULD_NOT_BE_SET else None


def possible_keys(self: RulePolicy, lookup: Dict[str, Any], states: List[State]) -> Set[str]:
    """The rules that apply to a conversation of these states, as Rasa's ``_get_possible_keys`` finds them."""
    if not states:
        return set(lookup)
    backwards = states[::-1]
    applies = self._is_rule_applicable
    return {
        key
        for key in _index(self, lookup).candidates(backwards[0])
        if all(applies(key, turn, state) for turn, state in enumerate(backwards))
    }


def _index(policy: RulePolicy, lookup: Dict[str, Any]) -> RuleIndex:
    indexes: Dict[int, RuleIndex] = policy.__dict__.setdefault("_indexes", {})
    known = indexes.get(id(lookup))
    # While it is trained, a policy fills its lookups.
    if known is None or known.lookup is not lookup or known.size != len(lookup):
        known = indexes[id(lookup)] = RuleIndex.of(lookup)
    return known
