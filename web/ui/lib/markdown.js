// The part of Markdown that people write in notes and doc_md, as elements: headings, lists, code,
// emphasis, links to http(s). Everything else, HTML too, stays the text that it is.
import { h, html } from "./html.js";

const INLINE = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*)|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g;

function inline(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(end, found.index));
    const [all, code, strong, emphasis, label, address] = found;
    if (code) parts.push(html`<code>${code.slice(1, -1)}</code>`);
    else if (strong) parts.push(html`<b>${strong.slice(2, -2)}</b>`);
    else if (emphasis) parts.push(html`<em>${emphasis.slice(1, -1)}</em>`);
    else parts.push(html`<a href=${address} rel="noopener noreferrer">${label}</a>`);
    end = found.index + all.length;
  }
  return [...parts, text.slice(end)];
}

const BULLET = /^\s*(?:[-*+]|(\d+)\.)\s+(.*)$/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const FENCE = /^\s*```/;

// One block of lines that begin alike: [element, lines used].
function takeList(lines, at) {
  const items = [];
  const isNumbered = Boolean(BULLET.exec(lines[at])[1]);
  let end = at;
  for (; end < lines.length && BULLET.test(lines[end]); end += 1) {
    items.push(h("li", { key: end }, inline(BULLET.exec(lines[end])[2])));
  }
  return [h(isNumbered ? "ol" : "ul", { key: at }, items), end];
}

function takeCode(lines, at) {
  let end = at + 1;
  while (end < lines.length && !FENCE.test(lines[end])) end += 1;
  return [h("pre", { key: at }, lines.slice(at + 1, end).join("\n")), end + 1];
}

function takeText(lines, at) {
  let end = at;
  const isText = (line) => line.trim() !== "" && !HEADING.test(line) && !BULLET.test(line)
    && !FENCE.test(line);
  while (end < lines.length && isText(lines[end])) end += 1;
  return [h("p", { key: at }, inline(lines.slice(at, end).join(" "))), end];
}

function withoutIndent(lines) {
  const indents = lines.filter((line) => line.trim()).map((line) => /^\s*/.exec(line)[0].length);
  const least = indents.length ? Math.min(...indents) : 0;
  return lines.map((line) => line.slice(least));
}

export function Markdown({ text }) {
  const lines = withoutIndent(text.split("\n"));
  const blocks = [];
  for (let at = 0; at < lines.length;) {
    const heading = HEADING.exec(lines[at]);
    let block;
    if (lines[at].trim() === "") {
      at += 1;
      continue;
    }
    if (heading) [block, at] = [h("h3", { key: at }, inline(heading[2])), at + 1];
    else if (FENCE.test(lines[at])) [block, at] = takeCode(lines, at);
    else if (BULLET.test(lines[at])) [block, at] = takeList(lines, at);
    else [block, at] = takeText(lines, at);
    blocks.push(block);
  }
  return html`<div class="markdown">${blocks}</div>`;
}
