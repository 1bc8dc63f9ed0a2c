"""The ledger of writes."""

from typing import Any

from hypothesis import given

from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.records import changes, find_records
from session_classify.evidence.findings import collect
from tests.evidence.build import a_call, a_session, a_turn
from tests.wire.test_properties import values


def writes(*calls: Any) -> tuple[Write, ...]:
    return collect(a_session(a_turn("Go", "Done", *calls))).writes


ORDER = '{"order_id": "A-1", "status": "open", "items": [{"item_id": "I-1", "price": 5}]}'


def test_a_write_shows_what_changed_since_the_record_was_read() -> None:
    """Fields are compared with the last reading of the same record, items by their id."""
    after = '{"order_id": "A-1", "status": "sent", "items": [{"item_id": "I-2", "price": 7}]}'

    (write,) = writes(
        a_call("get_order", "read", ORDER, order_id="A-1"),
        a_call("send_order", "write", after, order_id="A-1"),
    )

    assert write.compared_with == "tool1"
    assert [(c.path, c.before, c.after) for c in write.changes] == [
        ("status", "open", "sent"),
        ("items[I-1]", {"item_id": "I-1", "price": 5}, None),
        ("items[I-2]", None, {"item_id": "I-2", "price": 7}),
    ]


def test_a_second_write_is_compared_with_the_first() -> None:
    """What a write returned is the newest reading of its record."""
    sent = ORDER.replace("open", "sent")

    first, second = writes(
        a_call("send_order", "write", sent, order_id="A-1"),
        a_call("open_order", "write", ORDER, order_id="A-1"),
    )

    assert (first.compared_with, second.compared_with) == ("", "tool1")
    assert [c.path for c in second.changes] == ["status"]


def test_ids_in_a_write_are_resolved_to_what_was_read() -> None:
    """The options of a new item stand beside its id, wherever they were read."""
    stock = '{"name": "Lamp", "variants": {"V-1": {"color": "red"}, "V-2": {"color": "blue"}}}'

    (write,) = writes(
        a_call("get_product", "read", stock),
        a_call("change_order", "write", "{}", new_items=["V-2", "V-9"]),
    )

    assert [(r.id, r.record, r.source) for r in write.resolved] == [
        ("V-2", {"name": "Lamp", "color": "blue"}, "tool1")
    ]


def test_a_record_of_its_own_is_not_replaced_by_a_mention() -> None:
    """A card's balance is not forgotten because a payment refers to the card."""
    user = '{"cards": {"card_1": {"id": "card_1", "balance": 86}}}'
    payment = '{"payments": [{"card_id": "card_1", "amount": 5}]}'

    (write,) = writes(
        a_call("get_user", "read", user),
        a_call("get_payments", "read", payment),
        a_call("pay_order", "write", "{}", card_id="card_1"),
    )

    assert write.resolved[0].record == {"id": "card_1", "balance": 86}


def test_amounts_asked_for_stand_beside_amounts_that_came_back() -> None:
    """Sums in the arguments and in what the record gained are both told; unit prices are none."""
    after = ORDER.replace("}]}", '}], "payment": {"amount": 12.5}}')

    (write,) = writes(
        a_call("get_order", "read", ORDER),
        a_call("pay_order", "write", after, amount=10, quantity=3),
    )

    assert [(a.path, a.value) for a in write.asked] == [("amount", 10.0)]
    assert [(a.path, a.value) for a in write.charged] == [("payment.amount", 12.5)]


def test_an_argument_that_came_back_otherwise_is_told() -> None:
    """What was asked and what the record says afterwards are compared by name."""
    (write,) = writes(a_call("update_seat", "write", '{"id": "S-1", "cabin": "eco"}', cabin="biz"))

    assert [(c.path, c.before, c.after) for c in write.differs] == [("cabin", "biz", "eco")]


def test_items_that_share_an_id_are_compared_by_their_place() -> None:
    """Two payments by one card are two payments."""
    before = '{"id": "A-1", "payments": [{"card_id": "c-1", "sum": 5}]}'
    after = (
        '{"id": "A-1", "payments": [{"card_id": "c-1", "sum": 5}, {"card_id": "c-1", "sum": -5}]}'
    )

    _, write = writes(a_call("open_order", "write", before), a_call("refund_order", "write", after))

    assert [(c.path, c.after) for c in write.changes] == [
        ("payments[1]", {"card_id": "c-1", "sum": -5})
    ]


def test_a_failed_write_changes_nothing() -> None:
    """The error text of a failed write is not compared with records."""
    _, write = writes(
        a_call("send_order", "write", ORDER), a_call("send_order", "write", "Error: closed")
    )

    assert write.failed
    assert (write.changes, write.compared_with, write.charged) == ((), "", ())


def pruned(value: Any) -> Any:
    """Drop the fields of objects that are null: to a record they are the same as absent."""
    if isinstance(value, dict):
        return {key: pruned(inner) for key, inner in value.items() if inner is not None}
    return [pruned(item) for item in value] if isinstance(value, list) else value


@given(values, values)
def test_changes_are_empty_only_between_equals(before: Any, after: Any) -> None:
    """A record differs from another exactly when something is told to differ."""
    assert bool(changes(before, after)) == (pruned(before) != pruned(after))


@given(values)
def test_looking_for_records_in_any_value_ends(data: Any) -> None:
    """Every record that is found goes by the id that was looked for, and is an object."""
    found = list(find_records(data, {"", "0", "1"}))

    assert all(isinstance(named.record, dict) for named in found)


def test_an_answer_of_some_fields_says_nothing_about_the_others() -> None:
    """A write that returns a part of the record does not remove the rest of it."""
    (write,) = writes(
        a_call("get_order", "read", ORDER, order_id="A-1"),
        a_call("send_order", "write", '{"order_id": "A-1", "status": "sent"}', order_id="A-1"),
    )

    assert [(c.path, c.after) for c in write.changes] == [("status", "sent")]


def test_a_record_goes_by_the_id_that_it_was_asked_for_by() -> None:
    """Two orders of one customer, named first in both, are not compared with each other."""
    (write,) = writes(
        a_call("get_order", "read", '{"user_id": "U-1", "order_id": "A-1", "n": 1}'),
        a_call(
            "send_order", "write", '{"user_id": "U-1", "order_id": "A-2", "n": 9}', order_id="A-2"
        ),
    )

    assert write.compared_with == ""
    assert write.changes == ()


def test_items_without_names_are_compared_by_what_they_are() -> None:
    """A passenger that goes from the front of a list is one removal, not a change of every seat."""
    before = '{"order_id": "A-1", "seats": [{"row": "12"}, {"row": "13"}, {"row": "14"}]}'
    after = '{"order_id": "A-1", "seats": [{"row": "13"}, {"row": "14"}]}'

    (write,) = writes(
        a_call("get_order", "read", before, order_id="A-1"),
        a_call("update_order", "write", after, order_id="A-1"),
    )

    assert [(c.before, c.after) for c in write.changes] == [({"row": "12"}, None)]


def test_what_failed_is_no_earlier_reading() -> None:
    """An error that names the record is not compared with the record."""
    (write,) = writes(
        a_call("get_order", "read", '{"order_id": "A-1", "error": "locked"}', order_id="A-1"),
        a_call("send_order", "write", ORDER, order_id="A-1"),
    )

    assert write.compared_with == ""
