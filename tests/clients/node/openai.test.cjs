// OpenAI's client for JavaScript. ../official.py starts this and says where the server is.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const OpenAI = require("openai");
const { zodResponseFormat, zodTextFormat } = require("openai/helpers/zod");
const { z } = require("zod");

const PARIS = "The capital of France is Paris.";
const SUNNY = "It is sunny in Paris, at 18 degrees.";
const Colour = z.object({ colour: z.enum(["green", "blue"]) });
const WEATHER = {
  name: "get_weather",
  description: "The weather in a city now.",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};

const { client, model } = endpoint("GPT_OSS");

function endpoint(name) {
  const at = (field) => process.env[`${name}_${field}`];
  const client = new OpenAI({ baseURL: at("URL"), apiKey: at("KEY"), maxRetries: 0 });
  return { client, model: at("MODEL") };
}

function user(content) {
  return { role: "user", content };
}

test("the model is listed", async () => {
  const models = [];
  for await (const listed of client.models.list()) models.push(listed.id);
  assert.deepEqual(models, [model]);
});

test("chat answers", async () => {
  const messages = [user("What is the capital of France?")];
  const answer = await client.chat.completions.create({ model, messages });
  assert.equal(answer.choices[0].message.content, PARIS);
  assert.equal(answer.choices[0].finish_reason, "stop");
});

test("chat streams", async () => {
  const messages = [user("What is the capital of France?")];
  const stream = client.chat.completions.stream({
    model,
    messages,
    stream_options: { include_usage: true },
  });
  const pieces = [];
  stream.on("content", (piece) => pieces.push(piece));
  assert.equal(await stream.finalContent(), PARIS);
  assert.equal(pieces.join(""), PARIS);
  assert.ok((await stream.totalUsage()).completion_tokens > pieces.length);
});

for (const stream of [false, true]) {
  test(`chat runs tools, stream: ${stream}`, async () => {
    const cities = [];
    const get_weather = ({ city }) => {
      cities.push(city);
      return "18 degrees, sunny";
    };
    const tool = { ...WEATHER, function: get_weather, parse: JSON.parse };
    const runner = client.chat.completions.runTools({
      model,
      stream,
      messages: [user("What is the weather in Paris?")],
      tools: [{ type: "function", function: tool }],
    });
    assert.equal(await runner.finalContent(), SUNNY);
    assert.deepEqual(cities, ["Paris"]);
  });
}

test("chat parses an answer", async () => {
  const answer = await client.chat.completions.parse({
    model,
    messages: [user("What colour is grass? Answer in JSON.")],
    response_format: zodResponseFormat(Colour, "colour"),
  });
  assert.deepEqual(answer.choices[0].message.parsed, { colour: "green" });
});

test("chat goes on after an answer", async () => {
  const messages = [user("Name a fruit.")];
  const first = await client.chat.completions.create({ model, messages });
  messages.push(first.choices[0].message, user("And another one?"));
  const second = await client.chat.completions.create({ model, messages });
  assert.equal(second.choices[0].message.content, "A banana.");
});

test("questions asked at once are all answered", async () => {
  const messages = [user("What is the capital of France?")];
  const asked = Array.from({ length: 5 }, () =>
    client.chat.completions.create({ model, messages }),
  );
  for (const answer of await Promise.all(asked)) {
    assert.equal(answer.choices[0].message.content, PARIS);
  }
});

test("a stream that is left makes room for the next one", async () => {
  const messages = [user("Write a short poem about the sea.")];
  const left = await client.chat.completions.create({ model, messages, stream: true });
  for await (const chunk of left) if (chunk.choices[0].delta.content) break;
  assert.ok(left.controller.signal.aborted);
  const asked = { model, messages: [user("Name a fruit.")] };
  const answer = await client.chat.completions.create(asked);
  assert.equal(answer.choices[0].message.content, "An apple.");
});

test("a response answers", async () => {
  const input = "What is the capital of France?";
  const response = await client.responses.create({ model, input, instructions: "Be brief." });
  assert.equal(response.output_text, PARIS);
  assert.deepEqual(
    response.output.map((item) => item.type),
    ["reasoning", "message"],
  );
});

test("a response streams", async () => {
  const input = "What is the capital of France?";
  const stream = client.responses.stream({ model, input });
  let text = "";
  stream.on("response.output_text.delta", (event) => (text += event.delta));
  const response = await stream.finalResponse();
  assert.equal(text, PARIS);
  assert.equal(response.output_text, PARIS);
});

test("a response calls a tool, and the next ones go on from it", async () => {
  const tools = [{ type: "function", strict: true, ...WEATHER }];
  const input = "What is the weather in Paris?";
  const asked = await client.responses.create({ model, input, tools });
  const call = asked.output.at(-1);
  assert.equal(call.name, "get_weather");
  assert.deepEqual(JSON.parse(call.arguments), { city: "Paris" });
  const output = { type: "function_call_output", call_id: call.call_id, output: "18 degrees, sunny" };
  const told = await client.responses.create({
    model,
    tools,
    input: [output],
    previous_response_id: asked.id,
  });
  assert.equal(told.output_text, SUNNY);
  const thanked = await client.responses.create({
    model,
    tools,
    input: "Thanks a lot.",
    previous_response_id: told.id,
  });
  assert.equal(thanked.output_text, "Any time!");
});

test("a response is parsed", async () => {
  const response = await client.responses.parse({
    model,
    input: "What colour is grass? Answer in JSON.",
    text: { format: zodTextFormat(Colour, "colour") },
  });
  assert.deepEqual(response.output_parsed, { colour: "green" });
});

test("a refusal is the client's own error", async () => {
  const messages = [user("Hello!")];
  const asked = client.chat.completions.create({ model, messages, temperature: 9 });
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "temperature");
    return true;
  });
});

test("the starter answers, whole and streamed", async () => {
  const { client, model } = endpoint("STARTER");
  const messages = [user("What is the capital of France?")];
  const asked = { model, messages, temperature: 0, max_tokens: 40 };
  const whole = (await client.chat.completions.create(asked)).choices[0].message.content;
  assert.match(whole, /France/);
  const stream = await client.chat.completions.create({ ...asked, stream: true });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  assert.equal(text, whole);
});
