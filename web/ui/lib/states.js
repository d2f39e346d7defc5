// The states of runs and task instances. Each has a colour (a custom property of app.css, for both
// themes), a label, and a symbol, so that none needs its colour to be told from the others.
// The symbols are strokes in a box of 16 x 16.

const CHECK = "M3.5 8.5 6.7 11.7 12.5 4.8";
const CROSS = "M4.2 4.2 11.8 11.8M11.8 4.2 4.2 11.8";
const PLAY = "M5.5 3.8 12 8 5.5 12.2Z";
const DOTS = "M3.5 8h.01M8 8h.01M12.5 8h.01";
const CLOCK = "M8 4.2V8.2L10.6 10M8 2.2A5.8 5.8 0 1 1 7.99 2.2";
const AGAIN = "M12.4 6.2A5 5 0 1 0 13 8.8M12.9 3.2V6.4H9.7";
const UP = "M8 12.8V3.6M4.4 7.2 8 3.6 11.6 7.2";
const SKIP = "M3.6 4.2 7.4 8 3.6 11.8M8.6 4.2 12.4 8 8.6 11.8";
const PAUSE = "M5.6 4V12M10.4 4V12";
const MINUS = "M3.8 8H12.2";
const CIRCLE = "M8 3.4A4.6 4.6 0 1 1 7.99 3.4";

const STATES = {
  success: ["Success", CHECK],
  failed: ["Failed", CROSS],
  running: ["Running", PLAY],
  queued: ["Queued", DOTS],
  scheduled: ["Scheduled", CLOCK],
  restarting: ["Restarting", AGAIN],
  up_for_retry: ["Up for retry", AGAIN],
  up_for_reschedule: ["Up for reschedule", CLOCK],
  upstream_failed: ["Upstream failed", UP],
  skipped: ["Skipped", SKIP],
  deferred: ["Deferred", PAUSE],
  removed: ["Removed", MINUS],
  shutdown: ["Shutdown", MINUS],
  none: ["No status", CIRCLE],
};

export const TASK_STATES = Object.keys(STATES);
export const RUN_STATES = ["queued", "running", "success", "failed"];

// Which of several states stands for all: that which asks most for attention.
const BY_ATTENTION = ["failed", "upstream_failed", "up_for_retry", "running", "restarting",
  "deferred", "up_for_reschedule", "queued", "scheduled", "none", "success", "skipped", "removed",
  "shutdown"];
const UNFINISHED = new Set(["running", "queued", "scheduled", "restarting", "up_for_retry",
  "up_for_reschedule", "deferred"]);

// The state as it is named here: null, undefined and unknown ones are "none".
export function stateName(state) {
  return STATES[state] ? state : "none";
}

export function stateLabel(state) {
  return STATES[stateName(state)][0];
}

// The symbol's strokes, for an SVG path or new Path2D().
export function stateSymbol(state) {
  return STATES[stateName(state)][1];
}

// "var(--state-success)"
export function stateColour(state) {
  return `var(--state-${stateName(state)})`;
}

export function isUnfinished(state) {
  return UNFINISHED.has(state);
}

export function worstState(states) {
  let worst = BY_ATTENTION.length;
  for (const state of states) worst = Math.min(worst, BY_ATTENTION.indexOf(stateName(state)));
  return BY_ATTENTION[worst] ?? "none";
}
