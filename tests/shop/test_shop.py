"""The shop and its tasks: what they ask can be done, and what is done wrongly is seen."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.shop.shop import ORDERS, Shop
from tests.shop.tasks import EXAMPLES, TASKS, TO_BE_READ, Example, Task
from tests.tiny.at_the_shop import SOLUTIONS, Call
from tests.tiny.conversation import Turn


def done(calls: Iterable[Call]) -> Shop:
    shop = Shop()
    for name, arguments in calls:
        shop.tools[name](**arguments)
    return shop


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_each_task_has_a_solution_of_several_steps(task: Task) -> None:
    calls = [step[1] for step in SOLUTIONS[task.name] if not isinstance(step, Turn)]
    assert len(calls) >= len(TO_BE_READ)
    assert task.failings(done(calls)) == []


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_an_agent_that_does_nothing_or_everything_fails(task: Task) -> None:
    assert task.failings(Shop()), "nothing was read"
    reading: list[Call] = [
        ("find_orders", {"customer": "Ada Lind"}),
        ("read_policy", {"topic": "refunds"}),
    ]
    refunds = (("refund_order", {"order": order.id, "euros": order.price}) for order in ORDERS)
    assert task.failings(done((*reading, *refunds)))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.question)
def test_the_examples_are_of_other_customers(example: Example) -> None:
    customers = {call["customer"] for name, call in example.calls if name == "find_orders"}
    assert not any(str(name) in task.question for task in TASKS for name in customers)


def test_what_does_not_exist_is_said() -> None:
    shop = Shop()
    tools = shop.tools
    assert tools["find_orders"](customer="Nobody") == "Nobody has no orders."
    assert "refunds, cancelling" in tools["read_policy"](topic="birds")
    assert tools["refund_order"](order="B1", euros=5) == "There is no order B1."
    assert tools["refund_order"](order="A11", euros=0) == "Nothing was refunded."
    assert tools["cancel_order"](order="B1") == "There is no order B1."
    assert shop.orders == Shop().orders
