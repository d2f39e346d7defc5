// Times and durations in words. Times arrive as ISO text or as milliseconds since 1970.
import { useEffect, useState } from "./html.js";
import { toMs } from "./moment.js";
import { Signal, useSignal } from "./signal.js";

export { toMs };

const ZONE_KEY = "zone";

// "local" (the viewer's) or "utc".
export const zone = new Signal(localStorage.getItem(ZONE_KEY) === "utc" ? "utc" : "local");

export function setZone(name) {
  localStorage.setItem(ZONE_KEY, name);
  zone.set(name);
}

export function useZone() {
  return useSignal(zone);
}

// The name of the device's zone; finding it takes a browser some milliseconds.
export function deviceZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const two = (number) => String(number).padStart(2, "0");

function partsOf(ms, isUtc) {
  const date = new Date(isUtc ? ms : ms - new Date(ms).getTimezoneOffset() * 60000);
  return {
    day: `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`,
    clock: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
    seconds: two(date.getUTCSeconds()),
    millis: String(date.getUTCMilliseconds()).padStart(3, "0"),
  };
}

// "2026-01-31 14:05:09"; precision: "day", "minute", "second", "ms".
export function formatTime(time, precision = "second", isUtc = zone.value === "utc") {
  const ms = toMs(time);
  if (ms === null) return "–";
  const { day, clock, seconds, millis } = partsOf(ms, isUtc);
  return { day, minute: `${day} ${clock}`, second: `${day} ${clock}:${seconds}`,
    ms: `${day} ${clock}:${seconds}.${millis}` }[precision];
}

// The same moment in UTC, for a title.
export function formatUtc(time) {
  return `${formatTime(time, "ms", true)} UTC`;
}

// "14:05:09"
export function formatClock(time) {
  return formatTime(time).slice(-8);
}

// Seconds in two units at most: "0.35 s", "4.2 s", "3 m 07 s", "2 h 05 m", "3 d 4 h".
export function formatDuration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "–";
  const s = Math.max(0, seconds);
  if (s < 0.0005) return "0 s";
  if (s < 1) return `${Math.round(1000 * s)} ms`;
  if (s < 9.995) return `${s.toFixed(2)} s`;
  if (s < 59.95) return `${s.toFixed(1)} s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} m`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}

const UNITS = [[60, "s", 1], [3600, "min", 60], [86400, "h", 3600], [Infinity, "d", 86400]];

// "in 5 min", "3 h ago", "now"
export function formatRelative(time, now = Date.now()) {
  const ms = toMs(time);
  if (ms === null) return "–";
  const seconds = Math.round((ms - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 2) return "now";
  const [, unit, length] = UNITS.find(([limit]) => size < limit);
  const amount = `${Math.floor(size / length)} ${unit}`;
  return seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

const clocks = new Map();

function clockOf(stepMs) {
  if (!clocks.has(stepMs)) {
    const clock = { users: 0, timer: null, now: new Signal(Date.now()) };
    clocks.set(stepMs, clock);
  }
  return clocks.get(stepMs);
}

// The time, advancing while isRunning: what shows it is drawn again each step, together with all
// others of the same step.
export function useNow(stepMs, isRunning = true) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const clock = clockOf(stepMs);
    if (clock.users++ === 0) {
      clock.timer = setInterval(() => clock.now.set(Date.now()), stepMs);
    }
    setNow(Date.now());
    const stop = clock.now.listen(setNow);
    return () => {
      stop();
      if (--clock.users === 0) clearInterval(clock.timer);
    };
  }, [stepMs, isRunning]);
  return now;
}
