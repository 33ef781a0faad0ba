"""Between chat completions and the engine's values: pure functions, one per thing that is said.

Source: OpenAI's API reference, the chat completion object and the chat completion chunk object.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.errors import BadRequest
from engine.server import convert
from engine.server.chat import wire
from engine.server.convert import Heading
from engine.server.stream import Answered, Json
from engine.types import (
    Channel,
    ChatRequest,
    Finished,
    Message,
    ParsedEvent,
    Role,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    Usage,
)

CHUNK = "chat.completion.chunk"
REFUSED_FIELDS = {
    "functions": "'functions' was replaced by 'tools' in 2023: use that.",
    "audio": "The loaded model cannot speak: leave 'audio' out.",
    "web_search_options": "Nothing is searched on the web here: leave 'web_search_options' out.",
}


# Requests


def chat_requests(body: wire.ChatCompletionRequest) -> list[ChatRequest]:
    """One for each choice. Raises BadRequest, in words, for what cannot be done."""
    request = chat_request(body)
    samplings = convert.seeds(request.sampling, body.n or 1)
    return [replace(request, sampling=sampling) for sampling in samplings]


def chat_request(body: wire.ChatCompletionRequest) -> ChatRequest:
    convert.refuse_fields(body, REFUSED_FIELDS)
    if "audio" in (body.modalities or ()):
        raise BadRequest("The loaded model cannot speak: leave 'audio' out.", "modalities")
    if body.top_logprobs is not None and not body.logprobs:
        raise BadRequest("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")
    tools = tools_of(body)
    answer = body.response_format
    return ChatRequest(
        messages=tuple(messages_of(body.messages)),
        sampling=convert.sampling(body),
        max_tokens=convert.token_limit(body.max_completion_tokens, body.max_tokens),
        stop=tuple(body.stop or ()),
        top_logprobs=(body.top_logprobs or 0) if body.logprobs else None,
        tools=tools,
        tool_choice=tool_choice(body, tools),
        effort=convert.effort(effort_of(body), "reasoning_effort"),
        json_answer=convert.json_answer(answer.type, answer.kept_schema, "response_format")
        if answer
        else None,
    )


def effort_of(body: wire.ChatCompletionRequest) -> str | None:
    """Under each of the names in use: OpenAI's, OpenRouter's, and that of chat templates."""
    reasoning, template = body.reasoning, body.chat_template_kwargs
    names = (
        body.reasoning_effort,
        reasoning and reasoning.effort,
        template and template.reasoning_effort,
    )
    return next((name for name in names if name), None)


def tools_of(body: wire.ChatCompletionRequest) -> tuple[Tool, ...]:
    """Tools of other kinds than functions are passed over: agents offer them to all models."""
    functions: list[Tool] = []
    for number, tool in enumerate(body.tools or ()):
        if tool.type == "function":
            if tool.function is None:
                path = f"tools[{number}].function"
                raise BadRequest(f"'{path}' is missing.", path)
            functions.append(convert.tool(tool.function))
    return convert.with_own_names(functions)


def tool_choice(body: wire.ChatCompletionRequest, tools: Sequence[Tool]) -> ToolChoice:
    match body.tool_choice:
        case None:
            return ToolChoice()
        case str() as mode:
            return convert.tool_choice(mode, (), tools)
        case wire.NamedTool(function=function):
            return convert.tool_choice("required", [function.name], tools)
        case wire.SomeTools(allowed_tools=allowed):
            names = [tool.function.name for tool in allowed.tools if tool.function]
            return convert.allowed_tools(allowed.mode, names, tools)


def messages_of(messages: Sequence[wire.Message]) -> Iterator[Message]:
    """A result is of the tool whose call had its id."""
    callers: dict[str, str] = {}
    for number, message in enumerate(messages):
        path = f"messages[{number}]"
        match message.role:
            case "assistant":
                yield from assistant_messages(message, path)
                calls = message.tool_calls or ()
                callers |= {
                    call.id: call.function.name for call in calls if call.id and call.function
                }
            case "tool" | "function":
                yield tool_message(message, path, callers)
            case role:
                if message.content is None:
                    raise BadRequest(f"'{path}.content' is missing.", f"{path}.content")
                yield Message(Role(role), convert.parts(message.content, f"{path}.content"))


def assistant_messages(message: wire.Message, path: str) -> Iterator[Message]:
    """Its thoughts, then what it said and called."""
    thought = message.reasoning or message.reasoning_content
    if thought:
        yield Message.of(Role.ASSISTANT, thought, Channel.ANALYSIS)
    calls = tuple(
        ToolCall(call.id or "", call.function.name, call.function.arguments or "")
        for call in (*(message.tool_calls or ()), wire.ToolCall(function=message.function_call))
        if call.function
    )
    parts = convert.answer_parts(message.content, f"{path}.content")
    if parts or calls or not thought:
        yield Message(Role.ASSISTANT, parts, tool_calls=calls)


def tool_message(message: wire.Message, path: str, callers: dict[str, str]) -> Message:
    name = callers.get(message.tool_call_id or "") or message.name
    if not name:
        field = f"{path}.tool_call_id"
        raise BadRequest(f"'{field}' is not the id of a call in an earlier message.", field)
    return Message(Role.TOOL, convert.result_parts(message.content, f"{path}.content"), name=name)


# Answers


def completion(heading: Heading, answers: Sequence[Answered], has_reasoning: bool = True) -> Json:
    """All choices in one object. Thoughts are left out for clients that do not want them."""
    choices = [choice(number, answer, has_reasoning) for number, answer in enumerate(answers)]
    usage = convert.usage([answer.finished.usage for answer in answers], each=len(answers))
    return convert.object_of("chat.completion", heading, choices) | {"usage": usage}


def choice(index: int, answer: Answered, has_reasoning: bool = True) -> Json:
    deltas = [said for said in answer.said if isinstance(said, TextDelta)]
    calls = [said for said in answer.said if isinstance(said, ToolCall)]
    thought = convert.text_of(deltas, reasoning=True) if has_reasoning else ""
    text = convert.text_of(deltas)
    message: Json = {
        "role": "assistant",
        "content": text if text or not calls else None,
        "refusal": None,
        **reasoning(thought),
    }
    if calls:
        message["tool_calls"] = [tool_call(call.id, call.name, call.arguments) for call in calls]
    return {
        "index": index,
        "message": message,
        "logprobs": logprobs(deltas),
        "finish_reason": answer.finished.reason,
    }


class ChoiceChunks:
    """The chunks of one choice as they come. It knows which calls have been told of."""

    def __init__(self, heading: Heading, index: int, has_reasoning: bool = True) -> None:
        self._heading = heading
        self._index = index
        self._has_reasoning = has_reasoning
        self._calls: dict[str, int] = {}

    def opening(self) -> Json:
        return self._chunk({"role": "assistant", "content": ""})

    def of(self, said: ParsedEvent) -> Iterator[Json]:
        match said:
            case TextDelta() if not convert.is_reasoning(said):
                yield self._chunk({"content": said.text}, logprobs([said]))
            case TextDelta():
                if self._has_reasoning:
                    yield self._chunk(reasoning(said.text))
            case ToolCallDelta():
                yield from self._call(said.id, said.name, said.text)
            case ToolCall():
                if said.id not in self._calls:
                    yield from self._call(said.id, said.name, said.arguments)

    def closing(self, finished: Finished) -> Json:
        return self._chunk({}, finish_reason=finished.reason)

    def _call(self, id: str, name: str, text: str) -> Iterator[Json]:
        """The first chunk of a call names it, the others hold pieces of its arguments."""
        if id not in self._calls:
            self._calls[id] = len(self._calls)
            yield self._chunk(
                {"tool_calls": [{"index": self._calls[id], **tool_call(id, name, "")}]}
            )
        if text:
            piece = {"index": self._calls[id], "function": {"arguments": text}}
            yield self._chunk({"tool_calls": [piece]})

    def _chunk(
        self, delta: Json, logprobs: Json | None = None, finish_reason: str | None = None
    ) -> Json:
        choice = {
            "index": self._index,
            "delta": delta,
            "logprobs": logprobs,
            "finish_reason": finish_reason,
        }
        return convert.chunk_of(CHUNK, self._heading, [choice])


def usage_chunk(heading: Heading, usages: Sequence[Usage | None]) -> Json:
    usage = convert.usage(usages, each=len(usages))
    return convert.object_of(CHUNK, heading, []) | {"usage": usage}


def tool_call(id: str, name: str, arguments: str) -> Json:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def reasoning(text: str) -> Json:
    """Under both names in use: clients that know one of them do not look for the other."""
    return {"reasoning": text, "reasoning_content": text} if text else {}


def logprobs(deltas: Sequence[TextDelta]) -> Json | None:
    """None where none were asked for."""
    entries = convert.token_logprobs(deltas)
    return {"content": entries, "refusal": None} if entries else None
