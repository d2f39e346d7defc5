// Words, numbers and elements of the page.

// Seconds with as many digits as mean something: "0.004", "10.31", "370.0".
export function seconds(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size < 1) return value.toFixed(3);
  return value.toFixed(size < 100 ? 2 : 1);
}

export function withUnit(value) {
  return value === null || value === undefined ? "unknown" : `${seconds(value)} s`;
}

export function count(number) {
  return number.toLocaleString("en-US");
}

export function plural(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

// "2026-11-27 05:10:03.25", always UTC.
export function moment(iso) {
  if (!iso) return "–";
  const [date, time] = iso.replace("+00:00", "").split("T");
  const [clock, fraction] = time.split(".");
  return `${date} ${clock}${fraction ? `.${fraction.slice(0, 2)}` : ""}`;
}

// Ids come from results: Plotly reads some HTML in its texts, so none of theirs may look like it.
export function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

// An element with attributes and children; text is text, never HTML.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function fillSelect(select, options, chosen) {
  select.replaceChildren(...options.map(({ value, text }) => element(
    "option", { value, selected: String(value) === String(chosen) }, text)));
}
