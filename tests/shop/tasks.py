"""What agents are asked to do in the shop, and how the shop must be afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.shop.shop import ORDERS, Order, Shop, Status

INSTRUCTIONS = (
    "You work for a shop. Find the customer's orders and read the policy before you change "
    "anything. Do what the policy allows and nothing else, then tell the customer."
)
TO_BE_READ = ("find_orders", "read_policy")


@dataclass(frozen=True, slots=True)
class Task:
    """`changed` is the orders that must be otherwise afterwards; all the others stay."""

    name: str
    question: str
    changed: Mapping[str, Order] = field(default_factory=dict[str, Order])

    def failings(self, shop: Shop) -> list[str]:
        """What is wrong with the shop after an agent's work; empty if the task is solved."""
        unread = [tool for tool in TO_BE_READ if tool not in shop.asked]
        wanted = {order.id: order for order in ORDERS} | dict(self.changed)
        wrong = [order for order in wanted.values() if shop.orders[order.id] != order]
        return [
            *(f"{tool} was not used" for tool in unread),
            *(f"{shop.orders[order.id]} instead of {order}" for order in wrong),
        ]


def _changed(number: str, **fields: object) -> dict[str, Order]:
    (order,) = (order for order in ORDERS if order.id == number)
    return {number: replace(order, **fields)}


TASKS = (
    Task("in time", "I am Ada Lind. Please refund my lamp.", _changed("A11", refunded=40)),
    Task("too late", "I am Ben Roth. I want my money back for the kettle."),
    Task("gift card", "I am Cleo Park. Can you refund my gift card?"),
    Task(
        "half",
        "I am Dan Moss. I opened the game and do not like it. Refund what you can.",
        _changed("A14", refunded=30),
    ),
    Task(
        "not sent yet",
        "I am Eva Stone. Please cancel my chair.",
        _changed("A15", status=Status.CANCELLED),
    ),
    Task("on its way", "I am Finn Gray. Cancel my desk, please."),
    Task("twice", "I am Gia Wolf. Please refund my radio."),
    Task(
        "two wishes",
        "I am Hugo Lane. Refund the mirror and cancel the rug.",
        _changed("A18", refunded=90) | _changed("A19", status=Status.CANCELLED),
    ),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A task that was solved earlier: the calls as (tool, its arguments), and what was said."""

    question: str
    calls: tuple[tuple[str, Mapping[str, object]], ...]
    answer: str


EXAMPLES = (
    Example(
        "I am Ivy Cole. Please refund my clock.",
        (
            ("find_orders", {"customer": "Ivy Cole"}),
            ("read_policy", {"topic": "refunds"}),
            ("refund_order", {"order": "A20", "euros": 25}),
        ),
        "The clock is refunded: 25 euros.",
    ),
    Example(
        "I am Jon Field. Please refund my bag.",
        (
            ("find_orders", {"customer": "Jon Field"}),
            ("read_policy", {"topic": "refunds"}),
        ),
        "I cannot refund the bag: it came more than 30 days ago.",
    ),
)
"""They stand in the history of each task, so that a model sees how calls are made."""
