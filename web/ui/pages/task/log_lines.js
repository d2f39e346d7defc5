// A log as lines. Text comes in pieces of any size; a line that is very long is cut into several,
// so that no single one can hold the browser up.

const LINE_MAX = 8000;  // characters
const TAB = "    ";
const BLANKS = "        ";

const PREFIX = new RegExp(
  "^\\[(\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?)([+-]\\d\\d:?\\d\\d|Z)?\\] "
  + "(?:(\\{[^}]{1,200}\\}) )?(?:(DEBUG|INFO|WARNING|ERROR|CRITICAL) - )?");

export class LogLines {
  constructor() {
    this.lines = [];
    this.length = 0;  // characters so far
    this.open = "";   // the last line, as long as its end has not come
    this.hasOpen = false;
  }

  add(text) {
    if (text === "") return;
    this.length += text.length;
    if (this.hasOpen) this.lines.pop();
    const parts = (this.open + text).split("\n");
    this.open = parts.pop();
    for (const part of parts) this.push(part);
    this.hasOpen = this.open !== "";
    while (this.open.length > LINE_MAX) {  // a line without end must not be split anew each time
      this.push(this.open.slice(0, LINE_MAX));
      this.open = this.open.slice(LINE_MAX);
    }
    if (this.hasOpen) this.lines.push(clean(this.open));
  }

  push(line) {
    for (let at = 0; at === 0 || at < line.length; at += LINE_MAX) {
      this.lines.push(clean(line.slice(at, at + LINE_MAX)));
    }
  }
}

// A carriage return starts the line anew, as in a terminal: what was before it is not seen.
function clean(line) {
  let text = line.endsWith("\r") ? line.slice(0, -1) : line;
  const back = text.lastIndexOf("\r");
  if (back >= 0) text = text.slice(back + 1);
  return text.includes("\t") ? text.replaceAll("\t", BLANKS.slice(0, TAB.length)) : text;
}

// The parts of a line as the engine and Airflow write them; all but text may be "".
export function parseLine(line) {
  const match = PREFIX.exec(line);
  if (!match) return { time: null, source: "", level: "", text: line };
  const [all, moment, zone, source, level] = match;
  const iso = moment.replace(" ", "T").replace(",", ".") + isoZone(zone);
  return { time: iso, source: source ?? "", level: level ?? "", text: line.slice(all.length) };
}

function isoZone(zone) {
  if (!zone) return "Z";
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

const ESCAPE = /\u001b\[([0-9;]*)([A-Za-z])/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

// Text with a terminal's colours, as pieces [{text, className}]; other control sequences go.
export function colouredPieces(text) {
  if (!text.includes("\u001b")) return [{ text, className: "" }];
  const pieces = [];
  let style = { colour: "", bold: false };
  let from = 0;
  const take = (upTo) => {
    if (upTo > from) pieces.push({ text: text.slice(from, upTo), className: classOf(style) });
  };
  for (const match of text.matchAll(ESCAPE)) {
    take(match.index);
    from = match.index + match[0].length;
    if (match[2] === "m") style = styleAfter(style, match[1]);
  }
  take(text.length);
  return pieces;
}

function styleAfter(style, codes) {
  const next = { ...style };
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) Object.assign(next, { colour: "", bold: false });
    else if (code === 1) next.bold = true;
    else if (code === 22) next.bold = false;
    else if (code === 39) next.colour = "";
    else if (code >= 30 && code <= 37) next.colour = COLOURS[code - 30];
    else if (code >= 90 && code <= 97) next.colour = COLOURS[code - 90];
  }
  return next;
}

function classOf(style) {
  return [style.colour && `ansi-${style.colour}`, style.bold && "ansi-bold"].filter(Boolean)
    .join(" ");
}

// Cuts pieces where the pattern (a global RegExp) matches, and marks what matched.
export function highlighted(pieces, pattern) {
  if (!pattern) return pieces;
  return pieces.flatMap((piece) => {
    const cut = [];
    let from = 0;
    for (const match of piece.text.matchAll(pattern)) {
      if (match[0] === "") continue;
      cut.push({ ...piece, text: piece.text.slice(from, match.index) });
      cut.push({ ...piece, text: match[0], isHit: true });
      from = match.index + match[0].length;
    }
    cut.push({ ...piece, text: piece.text.slice(from) });
    return cut.filter((one) => one.text !== "");
  });
}
