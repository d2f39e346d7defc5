// The conf of a run: a form made from the DAG's params, or the JSON itself.
import { html } from "../../lib/html.js";
import { inputTypeOf, readConf, readFields, withConf } from "./conf_fields.js";

function Input({ field, id, isBad, onInput }) {
  const common = { id, "aria-invalid": isBad ? "true" : undefined,
    onInput: (event) => onInput(event.target.value) };
  const { kind, raw, schema } = field;
  if (kind === "choice") {
    return html`<select ...${common}>${field.choices.map((choice) => {
      const text = JSON.stringify(choice);
      return html`<option key=${text} value=${text} selected=${text === raw}>
        ${schema.values_display?.[choice] ?? (typeof choice === "string" ? choice : text)}
        </option>`;
    })}</select>`;
  }
  if (kind === "lines" || kind === "text" || kind === "json") {
    return html`<textarea ...${common} class=${kind === "json" ? "mono" : ""} spellcheck="false"
      rows=${Math.min(8, Math.max(2, raw.split("\n").length + 1))} value=${raw} />`;
  }
  return html`<input ...${common} type=${inputTypeOf(field)} value=${raw} step=${
    field.kind === "number" ? (field.types.includes("number") ? "any" : 1) : undefined}
    min=${schema.minimum} max=${schema.maximum} maxlength=${schema.maxLength}
    list=${schema.examples ? `${id}-examples` : undefined} />`;
}

function hintOf(field) {
  const range = [["minimum", "at least"], ["maximum", "at most"]].filter(
    ([name]) => field.schema[name] !== undefined).map(
    ([name, words]) => `${words} ${field.schema[name]}`).join(", ");
  const form = { lines: "one a line", json: "JSON" }[field.kind] ?? "";
  return [field.description, form, range,
    field.mayBeEmpty && field.kind !== "choice" ? "may be empty" : ""].filter(Boolean).join(" · ");
}

function Field({ field, problem, onInput }) {
  const id = `conf-${field.name}`;
  if (field.kind === "boolean") {
    return html`<div class="field"><label class="check"><input id=${id} type="checkbox"
      checked=${field.raw} onChange=${(event) => onInput(event.target.checked)} />
      <b>${field.title}</b></label><small>${hintOf(field)}</small></div>`;
  }
  return html`<label class="field" for=${id}><span>${field.title}</span>
    <${Input} field=${field} id=${id} isBad=${problem} onInput=${onInput} />
    ${field.schema.examples ? html`<datalist id=${`${id}-examples`}>${field.schema.examples.map(
      (example) => html`<option key=${example} value=${example} />`)}</datalist>` : null}
    ${problem ? html`<small class="problem" role="alert">${problem}</small>` : null}
    <small>${hintOf(field)}</small></label>`;
}

// state: {mode: "form" | "json", fields, text, problems}; onChange(state)
export function ConfForm({ state, onChange }) {
  const { mode, fields, text, problems } = state;
  const change = (name, raw) => onChange({ ...state, problems: {},
    fields: fields.map((field) => (field.name === name ? { ...field, raw } : field)) });
  const show = (next) => {
    if (next === mode) return;
    try {
      if (next === "json") {
        const read = readFields(fields);
        onChange({ ...state, mode: next, problems: {},
          text: JSON.stringify({ ...readConf(text), ...read.conf }, null, 2) });
      } else {
        onChange({ ...state, mode: next, problems: {}, fields: withConf(fields, readConf(text)) });
      }
    } catch (error) {
      onChange({ ...state, problems: { conf: error.message } });
    }
  };
  return html`<div class="conf-form">
    ${fields.length === 0 ? null : html`<div class="segments" role="group" aria-label="conf as">
      ${[["form", "Form"], ["json", "JSON"]].map(([id, label]) => html`<button key=${id}
        type="button" aria-pressed=${id === mode ? "true" : "false"}
        onClick=${() => show(id)}>${label}</button>`)}</div>`}
    ${mode === "form" ? fields.map((field) => html`<${Field} key=${field.name} field=${field}
      problem=${problems[field.name]} onInput=${(raw) => change(field.name, raw)} />`)
      : html`<label class="field"><span>conf (JSON)</span>
        <textarea class="mono" rows="8" spellcheck="false" value=${text} id="conf-json"
          aria-invalid=${problems.conf ? "true" : undefined}
          onInput=${(event) => onChange({ ...state, text: event.target.value, problems: {} })} />
        </label>`}
    ${problems.conf ? html`<p class="problem" role="alert">${problems.conf}</p>` : null}
  </div>`;
}

// {conf} or {problems}
export function readForm({ mode, fields, text }) {
  if (mode === "form") {
    const { conf, problems } = readFields(fields);
    // What the JSON says besides the params is kept.
    return Object.keys(problems).length > 0 ? { problems }
      : { conf: { ...readConf(text), ...conf } };
  }
  try {
    return { conf: readConf(text) };
  } catch (error) {
    return { problems: { conf: error.message } };
  }
}
