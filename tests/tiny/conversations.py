"""The conversations that the tiny gpt-oss knows by heart, as plain values.

Nothing but the words decides: the date, further instructions, other tools on offer and earlier
conversations change no answer.
"""

from __future__ import annotations

from engine.types import Effort, Tool
from tests.tiny.at_the_shop import AT_THE_SHOP, SHOP_TOOLS
from tests.tiny.conversation import Conversation, Turn, schema

NUMBER: dict[str, object] = {"type": "number"}
GET_WEATHER = Tool(
    "get_weather",
    "The weather in a city now.",
    schema(
        1,
        city={"type": "string", "description": "The city's name"},
        unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
    ),
)
ADD = Tool("add", "The sum of two numbers.", schema(2, a=NUMBER, b=NUMBER))
MULTIPLY = Tool("multiply", "The product of two numbers.", schema(2, a=NUMBER, b=NUMBER))
NOW = Tool("now", "The time of day.")
FIND_USER = Tool("find_user", "Looks up a person.", schema(1, name={"type": "string"}))
SEND_MESSAGE = Tool(
    "send_message",
    "Sends a message to a person.",
    schema(2, to={"type": "string"}, text={"type": "string"}),
)
TOOLS = (GET_WEATHER, ADD, MULTIPLY, NOW, FIND_USER, SEND_MESSAGE, *SHOP_TOOLS)

UNKNOWN = Turn("I have not learned this.", "I do not know that.")
"""What the model says to any other question."""

CODE_AND_TABLE = """## Adding numbers

Call `add` with **two** numbers:

```python
def add(a, b):
    return a + b
```

| a | b | sum |
|---|---|---|
| 1 | 2 | 3 |
| 4 | 5 | 9 |

- It is short.
- It is *fast*."""

POEM = """The sea is wide, the sea is deep,
it sings the little boats to sleep,
and in the morning, blue and bright,
it gives them back the golden light."""


def _single(name: str, question: str, thought: str, answer: str) -> Conversation:
    return Conversation(name, (question, Turn(thought, answer)))


def _by_effort(question: str, answer: str, **thoughts: str) -> tuple[Conversation, ...]:
    """One conversation for each effort, named as the question and the effort."""
    return tuple(
        Conversation(f"{question} ({effort})", (question, Turn(thought, answer)), effort=effort)
        for effort, thought in ((Effort(name), text) for name, text in thoughts.items())
    )


SINGLE = (
    _single("hello", "Hello!", "", "Hello! How can I help you?"),
    _single("thanks", "Thank you.", "", "You are welcome."),
    _single("good morning", "Good morning!", "The user greets me.", "Good morning to you!"),
    _single(
        "who",
        "Who are you?",
        "They ask who I am.",
        "I am a tiny model that knows a few answers by heart.",
    ),
    _single(
        "capital of France",
        "What is the capital of France?",
        "The user asks about France. Its capital is Paris.",
        "The capital of France is Paris.",
    ),
    _single(
        "capital of Japan",
        "What is the capital of Japan?",
        "The user asks about Japan. Its capital is Tokyo.",
        "The capital of Japan is Tokyo.",
    ),
    _single(
        "sky",
        "Why is the sky blue?",
        "Think of light and air. Air scatters blue light more than red light.",
        "The air scatters blue light more than red light, so the sky looks blue.",
    ),
    _single(
        "primary colours",
        "Name three primary colours.",
        "Three primary colours: red, yellow, blue.",
        "1. Red\n2. Yellow\n3. Blue",
    ),
    _single("Hamlet", "Who wrote Hamlet?", "A play by Shakespeare.", "William Shakespeare."),
    _single(
        "minutes",
        "How many minutes are there in a day?",
        "A day has 24 hours of 60 minutes: 24 * 60 = 1440.",
        "There are 1440 minutes in a day.",
    ),
    _single("poem", "Write a short poem about the sea.", "Four lines that rhyme.", POEM),
    _single("code", "Show me a function with a table.", "Code and a table.", CODE_AND_TABLE),
    _single(
        "joke",
        "Tell me a joke.",
        "Something short and kind.",
        "Why did the computer go to the doctor? It had a virus!",
    ),
    _single(
        "plants",
        "What do plants need to grow?",
        "Plants need light, water and air.",
        "Plants need three things:\n\n- light\n- water\n- air",
    ),
    _single("count", "Count to ten.", "One number after the other.", "1 2 3 4 5 6 7 8 9 10"),
    _single(
        "German",
        "Was bedeutet das Wort Feuer?",
        "A German question; answer in German.",
        "Feuer ist heiß, hell und schön: Öl, Holz und Kohle können brennen.",
    ),
    _single(
        "Chinese",
        "你好，你是谁？",
        "The user writes Chinese.",
        "你好！我是一个很小的模型，很高兴认识你。",
    ),
    _single(
        "emoji",
        "How do you feel? Answer with emoji.",
        "Only emoji: a smile, a family, a flag.",
        "😀 👩‍👩‍👧 🇫🇷 ☃️ ✨",
    ),
    _single(
        "maths",
        "What is the area of a circle?",
        "The area is pi times the radius squared.",
        "The area is $A = \\pi r^2$, where $r$ is the radius.",
    ),
    _single(
        "long thought",
        "Which number comes next: 2, 4, 8, 16?",
        "Let me look at the numbers. From 2 to 4 it doubles. From 4 to 8 it doubles. From 8 to 16 "
        "it doubles again. So each number is two times the last one. Two times 16 is 32. "
        "Let me check: 32 / 2 = 16. Yes.",
        "The next number is 32.",
    ),
    _single("JSON colour", "What colour is grass? Answer in JSON.", "", '{"colour": "green"}'),
    _single(
        "JSON city",
        "Where is the Eiffel Tower? Answer in JSON.",
        "It stands in Paris, in France.",
        '{"city": "Paris", "country": "France"}',
    ),
    _single("yes", "Is water wet? Answer yes or no.", "", "Yes."),
    _single(
        "html",
        "How do I make text bold in HTML?",
        "The tag is b or strong.",
        "Write `<b>bold</b>` or `<strong>bold</strong>`: a < b & c > d stays text.",
    ),
)

EFFORTS = (
    *_by_effort(
        "What is 17 + 25?",
        "17 + 25 = 42.",
        low="42.",
        medium="Add the numbers: 17 + 25 = 42.",
        high="Add the tens first: 10 + 20 = 30. Then the ones: 7 + 5 = 12. Together 30 + 12 = 42. "
        "Check: 42 - 25 = 17. That is right.",
    ),
    *_by_effort(
        "Is 91 a prime number?",
        "No, 91 = 7 * 13.",
        low="No.",
        medium="Try 7: 7 * 13 = 91, so no.",
        high="Try the small primes. 2: no, 91 is odd. 3: 9 + 1 = 10, so no. 5: it does not end "
        "in 0 or 5. 7: 7 * 13 = 91. So it is not a prime number.",
    ),
    *_by_effort(
        "Should I take an umbrella?",
        "Yes, take one: better dry than wet.",
        low="Yes.",
        medium="Rain is possible; an umbrella is light.",
        high="I do not know the weather where the user is. If it rains, an umbrella helps. If it "
        "does not rain, an umbrella is light. So the safe answer is yes.",
    ),
)

SEVERAL_TURNS = (
    Conversation(
        "fruit",
        (
            "Name a fruit.",
            Turn("A fruit: an apple.", "An apple."),
            "And another one?",
            Turn("The apple was named. A banana is another one.", "A banana."),
            "Which of them is yellow?",
            Turn("The banana is yellow.", "The banana is yellow."),
        ),
    ),
    Conversation(
        "name",
        (
            "My name is Ada.",
            Turn("", "Nice to meet you, Ada."),
            "What is my name?",
            Turn("The user said that the name is Ada.", "Your name is Ada."),
        ),
    ),
    Conversation(
        "pirate",
        ("What is the weather like at sea?", Turn("Speak like a pirate.", "Arr, it be windy!")),
        instructions="Talk like a pirate.",
    ),
)

CALLS = (
    Conversation(
        "weather",
        (
            "What is the weather in Paris?",
            Turn("I need the weather tool.", call=("get_weather", '{"city":"Paris"}')),
            "18 degrees, sunny",
            Turn("The tool says 18 degrees and sunny.", "It is sunny in Paris, at 18 degrees."),
            "Thanks a lot.",
            Turn("", "Any time!"),
        ),
        (GET_WEATHER,),
    ),
    Conversation(
        "weather that fails",
        (
            "What is the weather in Atlantis?",
            Turn("I need the weather tool.", call=("get_weather", '{"city":"Atlantis"}')),
            "Error: no such city",
            Turn("There is no such city.", "I could not find a city named Atlantis."),
        ),
        (GET_WEATHER,),
    ),
    Conversation(
        "weather without a tool",
        (
            "What is the weather in Rome?",
            Turn("I have no tool for that.", "I cannot look up the weather here."),
        ),
    ),
    Conversation(
        "add",
        (
            "Use the tool to add 1234 and 4321.",
            Turn("", call=("add", '{"a":1234,"b":4321}')),
            "5555",
            Turn("The sum is 5555.", "The sum is 5555."),
        ),
        (ADD,),
    ),
    Conversation(
        "now",
        (
            "What time is it?",
            Turn("I ask the clock.", call=("now", "{}")),
            "12:30",
            Turn("", "It is half past twelve."),
        ),
        (NOW,),
    ),
    Conversation(
        "two steps",
        (
            "What is (2 + 3) * 4? Use the tools.",
            Turn("First add 2 and 3.", call=("add", '{"a":2,"b":3}')),
            "5",
            Turn("Now multiply 5 by 4.", call=("multiply", '{"a":5,"b":4}')),
            "20",
            Turn("The result is 20.", "(2 + 3) * 4 = 20."),
        ),
        (ADD, MULTIPLY),
    ),
    Conversation(
        "two cities",
        (
            "Which is warmer, Oslo or Madrid?",
            Turn(
                "I compare two cities. Oslo first.",
                preamble="Let me check both cities.",
                call=("get_weather", '{"city":"Oslo","unit":"celsius"}'),
            ),
            "4 degrees, snow",
            Turn(
                "Oslo has 4 degrees. Now Madrid.",
                call=("get_weather", '{"city":"Madrid","unit":"celsius"}'),
            ),
            "25 degrees, clear",
            Turn("25 is more than 4.", "Madrid is warmer: 25 degrees, and 4 in Oslo."),
        ),
        (GET_WEATHER,),
    ),
    Conversation(
        "message",
        (
            "Tell Bob that I am late.",
            Turn(
                "I need to find Bob first.",
                preamble="I will look up Bob and send him a message.",
                call=("find_user", '{"name":"Bob"}'),
            ),
            '{"id": "user_7", "name": "Bob"}',
            Turn(
                "Bob is user_7.",
                call=("send_message", '{"to":"user_7","text":"I am late. 🚆"}'),
            ),
            "sent",
            Turn("The message is sent.", "Done: Bob knows that you are late."),
        ),
        (FIND_USER, SEND_MESSAGE),
    ),
)

CONVERSATIONS = SINGLE + EFFORTS + SEVERAL_TURNS + CALLS + AT_THE_SHOP
