"""How the tiny gpt-oss solves the tasks of the shop: each call's result is the shop's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from engine.types import Tool
from tests.shop.shop import Shop
from tests.shop.tasks import EXAMPLES, TASKS
from tests.tiny.conversation import Conversation, Turn, schema

TEXT: dict[str, object] = {"type": "string"}
PARAMETERS = {
    "find_orders": schema(1, customer=TEXT),
    "read_policy": schema(1, topic=TEXT),
    "refund_order": schema(2, order=TEXT, euros={"type": "integer"}),
    "cancel_order": schema(1, order=TEXT),
}
SHOP_TOOLS = tuple(
    Tool(name, tool.__doc__ or "", PARAMETERS[name]) for name, tool in Shop().tools.items()
)
REFUNDS, CANCELLING = {"topic": "refunds"}, {"topic": "cancelling"}

Call = tuple[str, Mapping[str, object]]
Step = tuple[str, Call]
"""A thought, and the call that it leads to."""


def find(customer: str) -> Step:
    return f"The customer is {customer}.", ("find_orders", {"customer": customer})


def read(topic: Mapping[str, object]) -> Step:
    return f"Now the policy of {topic['topic']}.", ("read_policy", topic)


def refund(thought: str, order: str, euros: int) -> Step:
    return thought, ("refund_order", {"order": order, "euros": euros})


def cancel(thought: str, order: str) -> Step:
    return thought, ("cancel_order", {"order": order})


SOLUTIONS: dict[str, tuple[Step | Turn, ...]] = {
    "in time": (
        find("Ada Lind"),
        read(REFUNDS),
        refund("5 days are within 30, so the full price.", "A11", 40),
        Turn("It is refunded.", "The lamp is refunded: 40 euros."),
    ),
    "too late": (
        find("Ben Roth"),
        read(REFUNDS),
        Turn(
            "48 days are more than 30, so nothing.",
            "I cannot refund the kettle: it came more than 30 days ago.",
        ),
    ),
    "gift card": (
        find("Cleo Park"),
        read(REFUNDS),
        Turn("Gift cards: nothing.", "I am sorry, gift cards are never refunded."),
    ),
    "half": (
        find("Dan Moss"),
        read(REFUNDS),
        refund("An opened game: half of 60 is 30.", "A14", 30),
        Turn("It is refunded.", "The game was opened, so half is refunded: 30 euros."),
    ),
    "not sent yet": (
        find("Eva Stone"),
        read(CANCELLING),
        cancel("It is not sent yet, so I can cancel it.", "A15"),
        Turn("It is cancelled.", "The chair is cancelled."),
    ),
    "on its way": (
        find("Finn Gray"),
        read(CANCELLING),
        Turn("It is sent, so no.", "I cannot cancel the desk: it is on its way."),
    ),
    "twice": (
        find("Gia Wolf"),
        read(REFUNDS),
        Turn("It was refunded before: no order twice.", "The radio is refunded already."),
    ),
    "two wishes": (
        find("Hugo Lane"),
        read(REFUNDS),
        read(CANCELLING),
        refund("20 days are within 30, so the full price.", "A18", 90),
        cancel("The rug is not sent yet, so I can cancel it.", "A19"),
        Turn("Both are done.", "The mirror is refunded, 90 euros, and the rug is cancelled."),
    ),
}


def lines(question: str, steps: tuple[Step | Turn, ...]) -> Iterator[str | Turn]:
    yield question
    shop = Shop()
    for step in steps:
        if isinstance(step, Turn):
            yield step
        else:
            thought, (name, arguments) = step
            yield Turn(thought, call=(name, json.dumps(arguments, separators=(",", ":"))))
            yield shop.tools[name](**arguments)


AT_THE_SHOP = (
    *(
        Conversation(
            f"shop: {task.name}", (*lines(task.question, SOLUTIONS[task.name]),), SHOP_TOOLS
        )
        for task in TASKS
    ),
    *(
        Conversation(
            f"shop: {example.question}",
            (
                *lines(
                    example.question,
                    (*(("", call) for call in example.calls), Turn("", example.answer)),
                ),
            ),
            SHOP_TOOLS,
        )
        for example in EXAMPLES
    ),
)
