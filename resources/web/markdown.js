// The markdown that models write, as elements: text stays text, whatever it holds.

const INLINE = /(`+)([\s\S]*?)\1|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*/g;
const HEADING = /^(#{1,6})\s+(.*)$/;
const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBER = /^\s*\d+[.)]\s+(.*)$/;
const ROW = /^\s*\|(.*)\|\s*$/;
const RULER = /^\s*\|?[\s:|-]+\|?\s*$/;

// The elements of a whole text; a code block without an end is one all the same.
export function render(text) {
  const lines = text.split("\n");
  const made = [];
  while (lines.length) made.push(...block(lines));
  return made;
}

function block(lines) {
  if (/^\s*```/.test(lines[0])) return [codeBlock(lines)];
  if (!lines[0].trim()) return lines.splice(0, 1) && [];
  const heading = lines[0].match(HEADING);
  if (heading) {
    lines.shift();
    return [withInline(`h${Math.min(5, heading[1].length + 2)}`, heading[2])];
  }
  if (BULLET.test(lines[0])) return [list("ul", lines, BULLET)];
  if (NUMBER.test(lines[0])) return [list("ol", lines, NUMBER)];
  if (ROW.test(lines[0]) && RULER.test(lines[1] ?? "")) return [table(lines)];
  return [withInline("p", taken(lines, (line, first) => first || !startsBlock(line)).join("\n"))];
}

function startsBlock(line) {
  return !line.trim() || /^\s*```/.test(line) || [HEADING, BULLET, NUMBER, ROW].some((it) => it.test(line));
}

// The first lines for which it is true, out of the list.
function taken(lines, isWanted) {
  let count = 0;
  while (count < lines.length && isWanted(lines[count], count === 0)) count += 1;
  return lines.splice(0, count);
}

function codeBlock(lines) {
  lines.shift();
  const code = document.createElement("code");
  code.textContent = taken(lines, (line) => !/^\s*```/.test(line)).join("\n");
  lines.shift();
  const pre = document.createElement("pre");
  pre.tabIndex = 0; // so that the keyboard can scroll it
  pre.append(code);
  return pre;
}

function list(name, lines, pattern) {
  const made = document.createElement(name);
  for (const line of taken(lines, (line) => pattern.test(line))) {
    made.append(withInline("li", line.match(pattern)[1]));
  }
  return made;
}

function table(lines) {
  const [head, , ...body] = taken(lines, (line) => ROW.test(line));
  const made = document.createElement("table");
  made.append(row(head, "th"), ...body.map((line) => row(line, "td")));
  return made;
}

function row(line, cell) {
  const made = document.createElement("tr");
  made.append(...line.match(ROW)[1].split("|").map((text) => withInline(cell, text.trim())));
  return made;
}

function withInline(name, text) {
  const made = document.createElement(name);
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    made.append(text.slice(end, found.index));
    const [whole, , code, strong, emphasis] = found;
    const kind = code !== undefined ? "code" : strong !== undefined ? "strong" : "em";
    const part = document.createElement(kind);
    part.textContent = code ?? strong ?? emphasis;
    made.append(part);
    end = found.index + whole.length;
  }
  made.append(text.slice(end));
  return made;
}
