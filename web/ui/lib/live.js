// The server's event stream, one for all views. Changes are handed out once a frame, so that a
// thousand commits a second cost sixty drawings.
import { useEffect, useRef } from "./html.js";
import { dropAhead } from "./api.js";
import { checkSession, session } from "./session.js";
import { Signal } from "./signal.js";

const ADDRESS = "/api/v1/events";
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15000;
const HIDDEN_FRAME_MS = 250;  // a tab in the background draws no frames
const HIDDEN_CLOSE_MS = 3000;  // and after this it leaves its connection to others

// "connecting" | "live" | "offline"
export const liveState = new Signal("connecting");

const subscribers = new Set();
let stream = null;
let waiting = [];
let mustReset = false;
let isPlanned = false;
let retryMs = FIRST_RETRY_MS;
let hasMissed = false;

function matches(filter, change) {
  if (!filter) return true;
  if (typeof filter === "function") return filter(change);
  return Object.entries(filter).every(([name, wanted]) => (Array.isArray(wanted)
    ? wanted.includes(change[name]) : change[name] === wanted));
}

function handOut() {
  isPlanned = false;
  const changes = waiting;
  const reset = mustReset;
  waiting = [];
  mustReset = false;
  for (const { filter, callback } of [...subscribers]) {
    const mine = reset ? [] : changes.filter((change) => matches(filter, change));
    if (reset || mine.length > 0) callback(mine, { reset });
  }
}

function plan() {
  dropAhead();
  if (isPlanned) return;
  isPlanned = true;
  if (document.hidden) setTimeout(handOut, HIDDEN_FRAME_MS);
  else requestAnimationFrame(handOut);
}

function reset() {
  mustReset = true;
  plan();
}

function opened() {
  retryMs = FIRST_RETRY_MS;
  liveState.set("live");
  // Between two streams of ours nothing says what happened; EventSource's own retries resume.
  if (hasMissed) reset();
  hasMissed = false;
  if (session.value?.error) checkSession();  // it could not be asked for when the page began
}

function failed() {
  liveState.set("offline");
  if (stream.readyState !== EventSource.CLOSED) return;
  close();
  // The browser gives up where the server refuses: maybe the session has ended.
  setTimeout(() => checkSession().then(connect), retryMs);
  retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
}

function close() {
  stream?.close();
  stream = null;
  hasMissed = true;
}

// While it is not known who is signed in, the server decides.
function mayListen() {
  const { is_signed_in, must_sign_in } = session.value ?? {};
  return is_signed_in || !must_sign_in;
}

// Opens the stream; does nothing where there is one, where nobody is signed in who could be, or
// where nobody looks. A browser has six connections to a server for all of its tabs, and a page
// that gets none of them waits: only those in sight may hold one.
export function connect() {
  if (stream || document.hidden || !mayListen()) return;
  liveState.set("connecting");
  stream = new EventSource(ADDRESS);
  stream.addEventListener("open", opened);
  stream.addEventListener("error", failed);
  stream.addEventListener("reset", reset);
  stream.addEventListener("changes", (event) => {
    waiting.push(...JSON.parse(event.data));
    plan();
  });
}

// Who signs out hears no more.
session.listen(() => {
  if (!stream || mayListen()) return;
  close();
  liveState.set("connecting");
});

// Resolves when the stream is open or after some time. What is loaded then misses no change; what
// was loaded before is loaded anew when the stream opens.
export function connected(patienceMs) {
  return new Promise((resolve) => {
    if (liveState.value === "live") return resolve();
    if (!stream) {
      hasMissed = true;
      return resolve();
    }
    const stop = liveState.listen(() => { stop(); resolve(); });
    setTimeout(() => {
      hasMissed ||= liveState.value !== "live";
      resolve();
    }, patienceMs);
  });
}

let closing = null;
document.addEventListener("visibilitychange", () => {
  clearTimeout(closing);
  if (document.hidden) closing = setTimeout(close, HIDDEN_CLOSE_MS);
  else connect();
});
// A page that was left may be kept by the browser, to go back to, with its connection.
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", connect);
window.addEventListener("hashchange", connect);

// Calls callback(changes, {reset}) with the changes that match the filter, at most once a frame.
// filter: {table: "dag_run", dag_id} (a list means one of these), a function, or null for all.
// With reset, changes were missed: load everything anew.
export function useChanges(filter, callback) {
  const newest = useRef(null);
  newest.current = { filter, callback };
  useEffect(() => {
    const subscriber = {
      filter: (change) => matches(newest.current.filter, change),
      callback: (changes, more) => newest.current.callback(changes, more),
    };
    subscribers.add(subscriber);
    return () => subscribers.delete(subscriber);
  }, []);
}
