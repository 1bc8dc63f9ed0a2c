"""`--audience`: the units of an app that are of certain users or accounts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from session_classify.audience.client import call
from session_classify.audience.export import all_rows
from session_classify.audience.mapping import check_names, mapping_of
from session_classify.audience.names import known_names
from session_classify.audience.operations import QUERIES, read
from session_classify.audience.query import AudienceQuery, Name, parse_query
from session_classify.errors import NotFoundError, UsageError
from session_classify.instants import utc_now
from session_classify.model import Identity
from session_classify.population.audience import people_of
from session_classify.population.grouping import Units, narrowed
from session_classify.printing.text import counted
from session_classify.queries.quoting import quoted

Row = dict[str, Any]
_AT_ONCE = 40
"""Ids of one query, of at most 4,000 characters."""
_WORDS = {"user": "users", "users": "users", "account": "accounts", "accounts": "accounts"}
_ID, _EMAIL, _ACCOUNT = "user_id", "user_email", "account_id"
"""The attributes by which rows are those of ids on spans. Source: `references/audience.md#runs`."""


class Audience(msgspec.Struct, frozen=True):
    """Users or accounts that match a query."""

    text: str
    """As typed."""
    entity: str
    query: AudienceQuery


def read_audience(text: str) -> Audience:
    """Return the audience of `account plan_type:enterprise` or `user @customer_tier:trial`.

    Raises UsageError for another entity, and for a query with an error.
    """
    word, _, query = text.strip().partition(" ")
    if word not in _WORDS:
        raise UsageError(
            f"--audience {text[:80]!r}: expected `account QUERY` or `user QUERY`, such as "
            "'account plan_type:enterprise'"
        )
    return Audience(text.strip(), _WORDS[word], parse_query(query, utc_now()))


def limited(
    units: Units, audience: Audience, address: str, told: Callable[[str], None]
) -> tuple[Units, dict[str, Row]]:
    """Return the units of an audience, and the attributes of whose each is.

    `address` is another API than that of DD_SITE, such as one of `serve`; empty for that one.
    Raises NotFoundError where there is none, and what reading the API raises.
    """
    for meaning in audience.query.meanings:
        told(meaning)
    check_names(audience.query.fields, audience.entity, address, anew=False)
    people = people_of(units)
    by = _by_account if audience.entity == "accounts" else _by_user
    rows = by(audience.query.text, people, address)
    unknown = sum(_is_nobody(one) for one in people.values())
    note = (
        f"audience {audience.text}: {len(rows):,} of {len(people):,} {units.granularity}s are of "
        f"matching {audience.entity}"
    )
    if unknown:
        note += f"; {counted(unknown, units.granularity)} without a user or an account on the spans"
    told(note)
    if not rows:
        raise NotFoundError(
            f"{note}; widen the query or the window, and see that spans have usr.id, user_handle "
            "or usr.account_id"
        )
    return narrowed(units, rows.keys(), note), rows


def _is_nobody(one: Identity) -> bool:
    return not (one.usr_id or one.user_id or one.user_handle or one.account_id)


def _by_user(query: str, people: Mapping[str, Identity], address: str) -> dict[str, Row]:
    users = _users(query, people.values(), address)
    found = ((unit, _user_of(one, users)) for unit, one in people.items())
    return {unit: row for unit, row in found if row is not None}


def _by_account(query: str, people: Mapping[str, Identity], address: str) -> dict[str, Row]:
    """Return rows of accounts; where spans name a user alone, the user's row names the account."""
    nameless = [one for one in people.values() if not one.account_id]
    has_accounts = _ACCOUNT in _known("users", address)
    users = _users("*", nameless, address) if nameless and has_accounts else {}
    owner: dict[str, tuple[str, Row]] = {}
    for unit, one in people.items():
        row = (None if one.account_id else _user_of(one, users)) or {}
        if account := one.account_id or str(row.get(_ACCOUNT) or ""):
            owner[unit] = account, row
    check_names((Name(_ACCOUNT),), "accounts", address, anew=False)
    wanted = dict.fromkeys(account for account, _ in owner.values())
    accounts = {
        str(row.get(_ACCOUNT)): row
        for part in _parts(wanted)
        for row in _asked(address, "accounts", query, {_ACCOUNT: part})
    }
    return {
        unit: {**row, **accounts[account]}
        for unit, (account, row) in owner.items()
        if account in accounts
    }


def _users(query: str, people: Iterable[Identity], address: str) -> dict[str, Row]:
    """Return the users among people who match a query, by id and by e-mail in lower case."""
    known = _known("users", address)
    names = [name for name in (_ID, _EMAIL) if name in known]
    if not names:
        raise UsageError(
            f"the mapping of users has neither {_ID} nor {_EMAIL}: spans cannot be joined with it"
        )
    # An address may be written otherwise in RUM than on the span.
    ids = dict.fromkeys(
        (name, value)
        for one in people
        for name, value in (
            (_ID, one.usr_id or one.user_id),
            (_EMAIL, one.user_handle),
            (_EMAIL, one.user_handle.lower()),
        )
        if value and name in names
    )
    found: dict[str, Row] = {}
    for part in _parts(ids):
        wanted = {name: [value for key, value in part if key == name] for name in names}
        for row in _asked(address, "users", query, wanted):
            for name in names:
                found[str(row.get(name) or "").casefold()] = row
    found.pop("", None)
    return found


def _user_of(one: Identity, users: Mapping[str, Row]) -> Row | None:
    ids = (one.usr_id, one.user_id, one.user_handle)
    return next((users[id_.casefold()] for id_ in ids if id_.casefold() in users), None)


def _known(entity: str, address: str) -> frozenset[str]:
    return known_names(mapping_of(entity, address).attributes)


def _asked(
    address: str, entity: str, query: str, wanted: Mapping[str, Iterable[str]]
) -> tuple[Row, ...]:
    """Return the rows that match a query and have one of the wanted values."""
    ors = " OR ".join(
        f"{name}:({' OR '.join(map(quoted, values))})" for name, values in wanted.items() if values
    )
    text = f"({ors})" if query == "*" else f"({query}) AND ({ors})"

    def ask(limit: int) -> Row:
        answer = call(read(QUERIES[entity], {"query": text, "limit": limit}), address)
        found: Row = answer["data"]["attributes"]
        return found

    return all_rows(ask, lambda _: None).hits


def _parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(values)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
