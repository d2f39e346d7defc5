// Finds text in the lines of a log that may still grow, a slice at a time, so that a search through
// a million lines never holds the page up.

const SLICE_LINES = 50000;

function searchPattern(text) {
  if (text === "") return null;
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
}

export class LogSearch {
  // `changed()` is called when there are more hits.
  constructor(lines, text, changed) {
    this.lines = lines;
    this.pattern = searchPattern(text);
    this.test = this.pattern && new RegExp(this.pattern.source, "i");
    this.changed = changed;
    this.hits = [];  // line numbers, ascending
    this.next = 0;   // the first line that was not looked at
    this.tail = null;  // the last line, which may still grow, where it is a hit
    this.timer = null;
    this.goOn();
  }

  get isDone() {
    return this.timer === null;
  }

  // To be called when there are more lines.
  goOn() {
    if (!this.pattern || this.timer !== null) return;
    const end = Math.min(this.lines.length, this.next + SLICE_LINES);
    for (let i = this.next; i < end; ++i) {
      if (this.test.test(this.lines[i])) this.hits.push(i);
    }
    const isLast = end === this.lines.length;
    // The last line is looked at again when there is more.
    this.next = isLast ? Math.max(0, end - 1) : end;
    if (isLast && this.hits[this.hits.length - 1] === end - 1) this.hits.pop();
    this.tail = isLast && end > 0 && this.test.test(this.lines[end - 1]) ? end - 1 : null;
    if (!isLast) {
      this.timer = setTimeout(() => {
        this.timer = null;
        this.goOn();
        this.changed();
      });
    }
  }

  get count() {
    return this.hits.length + (this.tail === null ? 0 : 1);
  }

  line(index) {
    return index < this.hits.length ? this.hits[index] : this.tail;
  }

  // The first hit at this line or behind it; the first of all where there is none.
  indexFrom(line) {
    for (let i = 0; i < this.count; ++i) {
      if (this.line(i) >= line) return i;
    }
    return 0;
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.pattern = null;
  }
}
