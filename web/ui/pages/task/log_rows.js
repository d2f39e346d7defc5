// Where each line of a log is on the page, so that only those in sight are drawn. Units: pixels.

export const ROW_HEIGHT = 20;
const HEIGHT_MAX = 12e6;  // browsers lay nothing out that is much higher

// The characters of a line that are shown in its text column: all but its time.
function shownLength(line) {
  if (line[0] !== "[") return line.length;
  const end = line.indexOf("] ");
  return end > 0 && end < 40 ? line.length - end - 2 : line.length;
}

// Of lines that only grow, and of which only the last one may change.
export class LogRows {
  constructor(lines) {
    this.lines = lines;
    this.columns = 0;  // of wrapped text; 0: lines are not wrapped
    this.ends = new Uint32Array(1024);  // by line: the rows up to and with it
    this.known = 0;
  }

  // Sets the columns, 0 for no wrapping, and takes lines into account that are new.
  update(columns) {
    if (columns !== this.columns) {
      this.columns = columns;
      this.known = 0;
    }
    if (columns === 0) return;
    const count = this.lines.length;
    if (count > this.ends.length) {
      const larger = new Uint32Array(Math.max(count, 2 * this.ends.length));
      larger.set(this.ends);
      this.ends = larger;
    }
    for (let i = Math.max(0, this.known - 1); i < count; ++i) {
      const rows = Math.max(1, Math.ceil(shownLength(this.lines[i]) / columns));
      this.ends[i] = (i > 0 ? this.ends[i - 1] : 0) + rows;
    }
    this.known = count;
  }

  get total() {
    const count = this.lines.length;
    if (this.columns === 0 || count === 0) return count * ROW_HEIGHT;
    return this.ends[count - 1] * ROW_HEIGHT;
  }

  top(line) {
    if (this.columns === 0) return line * ROW_HEIGHT;
    return line > 0 ? this.ends[Math.min(line, this.known) - 1] * ROW_HEIGHT : 0;
  }

  // The line that is `top` pixels below the first one's top.
  lineAt(top) {
    const row = Math.max(0, Math.floor(top / ROW_HEIGHT));
    if (this.columns === 0) return Math.min(row, Math.max(0, this.lines.length - 1));
    let low = 0;
    let high = Math.max(0, this.known - 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] > row) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  // The height to give the page, and what one of its pixels stands for.
  scale(viewHeight) {
    const height = Math.min(this.total, HEIGHT_MAX);
    if (height === this.total || height <= viewHeight) return { height, ratio: 1 };
    return { height, ratio: (this.total - viewHeight) / (height - viewHeight) };
  }
}
