// path`/dags/${dag_id}/grid`: the values are encoded, so that none can become another path.
export function path(parts, ...values) {
  return parts.reduce((text, part, place) => text + encodeURIComponent(values[place - 1]) + part);
}

// The same as a link to a page of this UI: "#/dags/...".
export function page(parts, ...values) {
  return `#${path(parts, ...values)}`;
}

// "a=1&b=2", without what is undefined, null or empty; a list becomes one parameter a value.
export function queryText(params) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, one);
    }
  }
  return query.toString();
}

export function withQuery(target, params) {
  const query = queryText(params);
  return query ? `${target}?${query}` : target;
}
