// The web chat: one conversation, kept in this page only.

import { render } from "/web/markdown.js";

const $ = (id) => document.getElementById(id);
const main = document.querySelector("main");
const messages = [];
const WAIT_MILLISECONDS = 1000;
let model = null;
let running = null; // the AbortController of the answer that is being written

async function findModel() {
  const listed = await fetch("/v1/models").then((response) => response.json());
  model = listed.data?.[0]?.id ?? null;
  $("model").textContent = model ?? "No model is loaded yet.";
  if (!model) setTimeout(lookForModel, WAIT_MILLISECONDS);
}

function lookForModel() {
  findModel().catch(() => showError("Hearth does not answer. Is it still running?"));
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function showError(sentence) {
  $("error").textContent = sentence;
  $("error").hidden = !sentence;
}

function setRunning(controller) {
  running = controller;
  $("send").hidden = Boolean(controller);
  $("stop").hidden = !controller;
}

// An answer on the page: its thoughts, folded, and its text.
class Answer {
  constructor() {
    this.begun = performance.now();
    this.text = "";
    this.thoughts = "";
    this.root = element("article", "answer");
    this.root.setAttribute("aria-label", "Answer");
    this.details = element("details");
    this.details.hidden = true;
    this.summary = element("summary", "", "Thinking…");
    this.thinking = element("div");
    this.details.append(this.summary, this.thinking);
    this.body = element("div");
    this.root.append(this.details, this.body);
    $("transcript").append(this.root);
  }

  think(text) {
    this.details.hidden = false;
    this.thoughts += text;
    this.thinking.textContent = this.thoughts;
  }

  say(text) {
    if (!this.text) this.endThinking();
    this.text += text;
    this.body.replaceChildren(...render(this.text));
  }

  endThinking() {
    const seconds = Math.max(1, Math.round((performance.now() - this.begun) / 1000));
    this.summary.textContent = `Thought for ${seconds} s`;
  }

  note(sentence) {
    this.endThinking();
    this.root.append(element("p", "note", sentence));
  }
}

// The parsed data of each server-sent event.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const pieces = (rest + value).split("\n\n");
    rest = pieces.pop();
    for (const piece of pieces) {
      if (piece.startsWith("data: ") && piece !== "data: [DONE]") yield JSON.parse(piece.slice(6));
    }
  }
}

async function ask(signal) {
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ model, messages, stream: true }),
    signal,
  });
  if (response.ok) return response;
  if (response.status === 401) throw new Error("This page's session is over. Open it from Hearth again.");
  throw new Error((await response.json()).error.message);
}

async function answerWith(answer, signal) {
  for await (const event of events(await ask(signal))) {
    if (event.error) throw new Error(event.error.message);
    const [choice] = event.choices;
    const isAtEnd = main.scrollHeight - main.scrollTop - main.clientHeight < 80;
    if (choice.delta.reasoning) answer.think(choice.delta.reasoning);
    if (choice.delta.content) answer.say(choice.delta.content);
    if (choice.finish_reason === "length") answer.note("The answer ends here: the context is full.");
    if (isAtEnd) main.scrollTop = main.scrollHeight;
  }
}

async function send(text) {
  $("welcome").hidden = true;
  showError("");
  messages.push({ role: "user", content: text });
  const question = element("div", "user", text);
  $("transcript").append(question);
  const answer = new Answer();
  main.scrollTop = main.scrollHeight;
  const controller = new AbortController();
  setRunning(controller);
  try {
    if (!model) throw new Error("No model is loaded yet. Load one in Hearth, or wait a moment.");
    await answerWith(answer, controller.signal);
  } catch (error) {
    if (error.name === "AbortError") answer.note("Stopped.");
    else takeBack(question, answer, text, error);
  } finally {
    setRunning(null);
    $("text").focus();
  }
  if (answer.text) messages.push({ role: "assistant", content: answer.text });
  else if (messages.at(-1)?.content === text) messages.pop();
}

// What failed before it was answered goes back into the field: nothing is lost.
function takeBack(question, answer, text, error) {
  const isOffline = error instanceof TypeError;
  showError(isOffline ? "Hearth does not answer. Is it still running?" : error.message);
  if (answer.text || answer.thoughts) return answer.note("The answer broke off here.");
  question.remove();
  answer.root.remove();
  $("text").value = text;
  grow();
}

function grow() {
  const field = $("text");
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  $("send").disabled = !field.value.trim();
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || running) return;
  $("text").value = "";
  grow();
  send(text);
});
$("text").addEventListener("input", grow);
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") running?.abort();
});
$("stop").addEventListener("click", () => running?.abort());
$("new").addEventListener("click", () => {
  running?.abort();
  messages.length = 0;
  $("transcript").replaceChildren();
  $("welcome").hidden = false;
  showError("");
  $("text").focus();
});

grow();
lookForModel();
