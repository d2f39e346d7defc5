// The server's API. Paths are below /api/v1 unless they begin with /api/; make them with path`` of
// lib/path.js.
// What fails throws an ApiError; where a session has ended, lib/session.js hears of it.
import { withQuery } from "./path.js";

const ROOT = "/api/v1";
const UNREACHABLE = "The server does not answer. Is `beeflow standalone` running?";

export class ApiError extends Error {
  constructor(status, title, detail) {
    super(detail || title);
    this.name = "ApiError";
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

let csrfToken = "";

export function setCsrfToken(token) {
  csrfToken = token ?? "";
}

let onSignedOut = () => {};

// Has `callback` called when the server takes this browser for nobody.
export function whenSignedOut(callback) {
  onSignedOut = callback;
}

async function errorOf(response) {
  const problem = await response.json().catch(() => ({}));
  return new ApiError(response.status, problem.title ?? response.statusText,
    problem.detail ?? "");
}

function addressOf(target, params) {
  return withQuery(target.startsWith("/api/") ? target : ROOT + target, params);
}

async function call(method, target, { body, params, signal, accept } = {}) {
  const headers = { Accept: accept ?? "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(addressOf(target, params), {
      method, headers, signal, credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "No connection", UNREACHABLE);
  }
  if (response.status === 401 && !target.startsWith("/ui/login")) onSignedOut();
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function jsonOf(response) {
  return response.status === 204 ? null : response.json();
}

const AHEAD_MS = 5000;
const ahead = new Map();  // by address: answers that nobody has taken yet

// Asks for what a page will get() once its modules are there. Untaken it is dropped after a while,
// or when something changes: who had taken it would not hear of that.
export function askAhead(target, params) {
  const address = addressOf(target, params);
  const answer = call("GET", target, { params }).then(jsonOf);
  answer.catch(() => {});  // whoever takes it is told
  ahead.set(address, answer);
  setTimeout(() => ahead.delete(address), AHEAD_MS);
}

export function dropAhead() {
  ahead.clear();
}

// options: signal (AbortSignal)
export async function get(target, params, options) {
  const address = addressOf(target, params);
  const answer = ahead.get(address);
  if (answer) {
    ahead.delete(address);
    return answer;
  }
  return jsonOf(await call("GET", target, { params, ...options }));
}

export async function getText(target, params, options) {
  return (await call("GET", target, { params, accept: "text/plain", ...options })).text();
}

// The response itself, to read its body as it comes; options as of get().
export function getStream(target, params, options) {
  return call("GET", target, { params, accept: "text/plain", ...options });
}

export async function post(target, body = {}, params) {
  return jsonOf(await call("POST", target, { body, params }));
}

export async function patch(target, body, params) {
  return jsonOf(await call("PATCH", target, { body, params }));
}

export async function put(target, body = {}, params) {
  return jsonOf(await call("PUT", target, { body, params }));
}

export async function del(target, params) {
  return jsonOf(await call("DELETE", target, { params }));
}
