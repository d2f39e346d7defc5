import { html } from "../lib/html.js";
import { formatDuration, formatRelative, formatTime, formatUtc, toMs, useNow, useZone }
  from "../lib/time.js";

// A time in the reader's zone, in UTC in its title; relative: "3 min ago".
export function TimeText({ time, precision = "second", relative = false }) {
  useZone();
  const now = useNow(5000, relative);
  if (toMs(time) === null) return html`<span class="muted">–</span>`;
  const local = formatTime(time, precision);
  const title = relative ? `${local} (${formatUtc(time)})` : formatUtc(time);
  return html`<time datetime=${new Date(toMs(time)).toISOString()} title=${title}>
    ${relative ? formatRelative(time, now) : local}</time>`;
}

// Between two times, or of so many seconds; without an end it counts on.
export function DurationText({ start, end, seconds }) {
  const isRunning = seconds === undefined && toMs(start) !== null && toMs(end) === null;
  const now = useNow(1000, isRunning);
  if (seconds !== undefined) return html`<span>${formatDuration(seconds)}</span>`;
  if (toMs(start) === null) return html`<span class="muted">–</span>`;
  const length = ((toMs(end) ?? now) - toMs(start)) / 1000;
  return html`<span>${formatDuration(length)}</span>`;
}
