// A dialog with a form that is made of a list of fields.

import { classes, html, useState } from "../../lib/html.js";
import { Dialog } from "../../components/dialog.js";
import { ErrorBox } from "../../components/notes.js";

// What is wrong with a value, "" where nothing is.
function problemOf(field, value) {
  const text = typeof value === "string" ? value.trim() : value;
  if (field.required && (text === "" || text === null || text === undefined)) {
    return `${field.label} must not be empty.`;
  }
  if (field.type === "number" && text !== "" && text !== null && !Number.isInteger(Number(text))) {
    return `${field.label} must be a whole number.`;
  }
  if (field.type === "json" && text) {
    try {
      JSON.parse(text);
    } catch (error) {
      return `${field.label} is not JSON: ${error.message}`;
    }
  }
  return field.check?.(value) ?? "";
}

function Choices({ field, value, onChange, id }) {
  const toggle = (name, isOn) => onChange(isOn ? [...value, name]
    : value.filter((one) => one !== name));
  return html`<div class="choices" role="group" aria-labelledby=${`${id}-label`}>
    ${field.options.map((name) => html`<label class="check" key=${name}><input type="checkbox"
      checked=${value.includes(name)} onChange=${(event) => toggle(name, event.target.checked)} />
      ${name}</label>`)}</div>`;
}

function Control({ field, value, onChange, id, invalid }) {
  const all = { id, disabled: field.disabled, "aria-invalid": invalid ? "true" : undefined,
    "aria-describedby": `${id}-more`, placeholder: field.placeholder,
    onInput: (event) => onChange(event.target.value) };
  if (field.type === "choices") {
    return html`<${Choices} field=${field} value=${value} onChange=${onChange} id=${id} />`;
  }
  if (field.type === "select") {
    return html`<select ...${all} value=${value}>${field.options.map((option) => html`
      <option key=${option.value ?? option} value=${option.value ?? option}>
        ${option.label ?? option}</option>`)}</select>`;
  }
  if (field.type === "textarea" || field.type === "json") {
    return html`<textarea ...${all} rows=${field.rows ?? 4} spellcheck=${false}
      class=${field.type === "json" || field.isCode ? "mono" : ""} value=${value} />`;
  }
  return html`<input ...${all} value=${value} autocomplete=${field.autocomplete ?? "off"}
    type=${{ number: "text", password: "password" }[field.type] ?? "text"}
    inputmode=${field.type === "number" ? "numeric" : undefined} list=${field.suggestions
      ? `${id}-list` : undefined} />
    ${field.suggestions ? html`<datalist id=${`${id}-list`}>${field.suggestions.map(
      (one) => html`<option key=${one} value=${one} />`)}</datalist>` : null}`;
}

function Field({ field, value, onChange, problem }) {
  const id = `field-${field.name}`;
  if (field.type === "checkbox") {
    return html`<div class="field"><label class="check"><input type="checkbox" checked=${value}
      disabled=${field.disabled} onChange=${(event) => onChange(event.target.checked)} />
      ${field.label}</label>${field.help ? html`<small>${field.help}</small>` : null}</div>`;
  }
  return html`<div class=${classes("field", field.half && "half")}>
    <label for=${id} id=${`${id}-label`}><b>${field.label}</b></label>
    <${Control} field=${field} value=${value} onChange=${onChange} id=${id} invalid=${problem} />
    <small id=${`${id}-more`} class=${problem ? "problem" : ""}>${problem || field.help}</small>
  </div>`;
}

// fields: {name, label, type?: text | number | password | textarea | json | checkbox | select |
// choices, required?, disabled?, help?, options?, suggestions?, check?(value), half?}.
// onSave(values) may throw, which is shown. tools(values): more buttons, at the left.
export function FormDialog({ title, fields, initial, confirm = "Save", onSave, onClose, tools,
  children, wide = false }) {
  const [values, setValues] = useState(initial);
  const [problems, setProblems] = useState({});
  const [error, setError] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const set = (name) => (value) => {
    setValues((before) => ({ ...before, [name]: value }));
    setProblems((before) => ({ ...before, [name]: "" }));
  };
  const save = async (event) => {
    event.preventDefault();
    const found = Object.fromEntries(fields.map((one) => [one.name,
      problemOf(one, values[one.name])]).filter(([, problem]) => problem));
    setProblems(found);
    setError(null);
    const [first] = Object.keys(found);
    if (first) return document.getElementById(`field-${first}`)?.focus();
    setBusy(true);
    try {
      await onSave(values);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const actions = html`${tools?.(values)}<span class="spring"></span>
    <button type="button" class="button" onClick=${onClose}>Cancel</button>
    <button type="submit" form="form-dialog" class="button primary" disabled=${isBusy}>
      ${confirm}</button>`;
  return html`<${Dialog} title=${title} onClose=${onClose} actions=${actions} wide=${wide}>
    <form id="form-dialog" class="form" onSubmit=${save}>${children}
      ${fields.map((field) => html`<${Field} key=${field.name} field=${field}
        value=${values[field.name]} onChange=${set(field.name)}
        problem=${problems[field.name]} />`)}</form>
    ${error ? html`<${ErrorBox} error=${error} />` : null}
  </${Dialog}>`;
}
