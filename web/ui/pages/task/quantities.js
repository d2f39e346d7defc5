// Numbers with units, short enough for a table.

import { formatDuration } from "../../lib/time.js";

const KIB = 1024;
const FINE_SECONDS = 0.01;  // below this hundredths of a millisecond are told

export function bytesText(bytes) {
  if (bytes === null || bytes === undefined) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= KIB && unit < units.length - 1) {
    value /= KIB;
    ++unit;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

// As formatDuration, which rounds to milliseconds; waits and starts are often shorter.
export function fineDuration(seconds) {
  if (typeof seconds !== "number" || seconds <= 0 || seconds >= FINE_SECONDS) {
    return formatDuration(seconds);
  }
  return `${(1000 * seconds).toFixed(2)} ms`;
}

export function countText(count, noun, plural = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}
