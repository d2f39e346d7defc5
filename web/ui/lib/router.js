// Pages by the part of the address behind "#". A route is {path, load, also, requests}: path with
// {fields} in place of whole parts, load() imports the module whose default export shows the page,
// also(fields), where there is one, what the page will import itself, and requests(fields, query)
// lists what it will ask the server for.
import { useMemo } from "./html.js";
import { withQuery } from "./path.js";
import { Signal, useSignal } from "./signal.js";

function read() {
  const [path, query = ""] = location.hash.replace(/^#/, "").split(/\?(.*)/s);
  return { path: path || "/", query: Object.fromEntries(new URLSearchParams(query)) };
}

const place = new Signal(read());
window.addEventListener("hashchange", () => place.set(read()));

function fieldsOf(pattern, path) {
  const wanted = pattern.split("/");
  const parts = path.split("/");
  if (wanted.length !== parts.length) return null;
  const fields = {};
  for (const [at, name] of wanted.entries()) {
    if (!name.startsWith("{")) {
      if (name !== parts[at]) return null;
    } else {
      if (parts[at] === "") return null;
      try {
        fields[name.slice(1, -1)] = decodeURIComponent(parts[at]);
      } catch {
        return null;  // a lone "%"
      }
    }
  }
  return fields;
}

let known = [];

export function setRoutes(routes) {
  known = routes;
  place.set(read());
}

function match({ path, query }) {
  for (const route of known) {
    const fields = fieldsOf(route.path, path);
    if (fields) return { route, path, fields, query };
  }
  return { route: null, path, fields: {}, query };
}

// Begins to load the page of the address, before anything is drawn.
export function preloadPage() {
  const { route, fields } = match(place.value);
  const ignore = () => {};  // shown by who needs it
  route?.load().catch(ignore);
  route?.also?.(fields).catch(ignore);
}

// What the page of the address will ask for first: arguments of askAhead() in lib/api.js.
export function pageRequests() {
  const { route, fields, query } = match(place.value);
  return route?.requests?.(fields, query) ?? [];
}

// {route, path, fields, query}: where the reader is; fields and query are decoded.
export function useRoute() {
  const here = useSignal(place);
  return useMemo(() => match(here), [here]);
}

// Goes to "/dags/..." (made with path`` of lib/path.js).
export function navigate(target, { replace = false } = {}) {
  const address = target.startsWith("#") ? target : `#${target}`;
  if (replace) {
    history.replaceState(null, "", address);
    place.set(read());
  } else {
    location.hash = address;
  }
}

// Changes parameters of the address, leaving the others: setQuery({run: id, task: null}).
export function setQuery(changes, { replace = true } = {}) {
  const { path, query } = read();
  navigate(withQuery(path, { ...query, ...changes }), { replace });
}
