"""The reconciliation rules, as data that a team can override.

Source: `references/sources/rules.md#reconciliation`.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec

from session_classify.errors import UsageError
from session_classify.inputs import read_input
from session_classify.lazy import lazy_pattern
from session_classify.resources import parsed, resource
from session_classify.vocabulary import (
    FAILURE_CODES,
    FINDING_KINDS,
    RECONCILIATION_KINDS,
    Direction,
    Satisfaction,
    Tier,
)

MOVING_TIERS = frozenset({Tier.A, Tier.EXPLICIT})
"""Tiers whose findings may move a verdict; others affect only the confidence."""
_NOT_WORDS = lazy_pattern(r"[^\w\s'’,-]|\A\s+\Z")
RANK = {Satisfaction.NO: 0, Satisfaction.PARTIAL: 1, Satisfaction.YES: 2}


class FindingMatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The conditions under which a rule matches a finding; omitted ones always hold."""

    tier: Tier | None = None
    direction: Direction | None = None
    rule: tuple[str, ...] = ()
    """Names of the finding's rule, such as `audit-deleted-by-user`."""
    on: Literal["last", "earlier"] | None = None
    """Whether it is about the last request of the session or about an earlier turn."""
    says: str = ""
    """Consecutive words in the finding's quote or summary, ignoring case."""


class Rule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One way in which a finding moves a verdict."""

    name: str
    sentence: str
    source: str
    when: FindingMatch
    move: dict[Satisfaction, Satisfaction]
    failure: str = ""
    """The failure code of a verdict that this rule lowered."""

    @property
    def is_upward(self) -> bool:
        """It raises some verdict."""
        return any(RANK[after] > RANK[before] for before, after in self.move.items())

    @property
    def is_downward(self) -> bool:
        """It lowers some verdict."""
        return any(RANK[after] < RANK[before] for before, after in self.move.items())


class _RulesFile(msgspec.Struct, forbid_unknown_fields=True):
    rules: list[dict[str, Any]]


def load_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """Return the shipped rules in order; rules in the file `own` replace those of the same name.

    Raises UsageError, naming the rule, for unknown names and for forbidden moves.
    """
    file = resource("references", "reconcile.yaml")
    shipped = parsed((file.read_bytes(),), __file__, tuple[Rule, ...], lambda: _read(file))
    if own is None:
        return shipped
    known = {rule.name: msgspec.to_builtins(rule) for rule in shipped}
    named = _listed(own)
    mine = [str(rule.get("name")) for rule in named]
    if len(set(mine)) < len(mine) or not mine:
        problem = "names a rule twice" if mine else "names no rule"
        raise UsageError(f"{own} {problem}; name each rule that you overrule once")
    for name in mine:
        if name not in known:
            raise UsageError(
                f"{own}: there is no rule {name!r} to overrule; there are {', '.join(known)}"
            )
    # Omitted fields keep the shipped value: a name and a move are enough.
    own_rules = {rule["name"]: {**known[rule["name"]], **rule} for rule in named}
    made = _checked(list(own_rules.values()), own)
    by_name = {rule.name: rule for rule in made}
    return tuple(by_name.get(rule.name, rule) for rule in shipped)


def _read(path: Path) -> tuple[Rule, ...]:
    return _checked(_listed(path), path)


def _listed(path: Path) -> list[dict[str, Any]]:
    """Return the rules of a file as written."""
    from session_classify.yamltext import read_yaml  # for the shipped rules it is seldom needed

    try:
        # `yes` and `no` are verdicts here, not booleans.
        return msgspec.convert(read_yaml(read_input(path), words=True), _RulesFile).rules
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, msgspec.ValidationError) as error:
        raise _no_rules(path, error) from error


def _checked(listed: list[dict[str, Any]], path: Path) -> tuple[Rule, ...]:
    try:
        rules = msgspec.convert(listed, tuple[Rule, ...])
    except msgspec.ValidationError as error:
        raise _no_rules(path, error) from error
    for rule in rules:
        problem = _forbidden(rule)
        if problem:
            raise UsageError(f"{path}: rule {rule.name!r} {problem}")
    return rules


def _no_rules(path: Path, error: Exception) -> UsageError:
    first = " ".join(str(error).split())
    return UsageError(
        f"{path} holds no rules of reconciliation: {first}; see references/reconcile.yaml"
    )


def _forbidden(rule: Rule) -> str:
    """Return which fixed constraint a rule violates; empty when it violates none."""
    up = [f"{a} to {b}" for a, b in rule.move.items() if RANK[b] > RANK[a]]
    if any(before is Satisfaction.NO for before in rule.move):
        return "moves a `no`; nothing does: what conversation and ledger refuse stays refused"
    if up and rule.when.direction is Direction.NEGATIVE:
        return f"moves {up[0]} for what speaks against it"
    if up and not rule.when.rule:
        return f"moves {up[0]} on any finding; an upward move names the findings that it is for"
    if rule.when.tier is not None and rule.when.tier not in MOVING_TIERS:
        return f"is for tier {rule.when.tier}; only tier A and explicit feedback move a verdict"
    return _misnamed(rule)


def _misnamed(rule: Rule) -> str:
    for name in rule.when.rule:
        kind = name.partition("-")[0]
        if kind == "gap" or (kind in FINDING_KINDS and kind not in _MOVING_KINDS):
            return f"is for {name}; what is missing, evaluations and the ledger move nothing here"
    if not rule.when.rule and rule.when.tier is None:
        return "fits any finding; name a tier or the findings that it is for"
    if rule.is_downward and rule.failure not in FAILURE_CODES:
        return f"needs a failure code for its downward move, one of {', '.join(FAILURE_CODES)}"
    if _NOT_WORDS.search(rule.when.says):
        return f"looks for {rule.when.says!r}; `says` takes words, not a pattern"
    return ""


_MOVING_KINDS = RECONCILIATION_KINDS | {"feedback"}
