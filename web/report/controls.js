// What the reader chooses: the fields by which runs and tasks are excluded, and the theme.

import { count, element } from "#report/text.js";

const OFFERED_MAX = 2000;  // ids in the list that a field offers

function chip(id, remove) {
  return element("button", { type: "button", class: "chip", title: `count ${id} again`,
    onclick: () => remove(id) }, `${id} ×`);
}

// One field that adds ids to a set, with a chip for each that is in it.
function field(what, known, chosen, toggle) {
  const list = element("datalist", { id: `known-${what}` },
    ...known.slice(0, OFFERED_MAX).map((id) => element("option", { value: id })));
  const input = element("input", { type: "text", list: list.id, id: `exclude-${what}`,
    placeholder: `${what}_id`, autocomplete: "off" });
  const complaint = element("span", { class: "complaint", role: "status" });
  input.addEventListener("change", () => {
    const id = input.value.trim();
    if (id === "" || chosen.has(id)) return;
    if (known.includes(id)) toggle(id);
    else complaint.textContent = `There is no ${what} ‘${id}’ in these results.`;
  });
  return element("div", { class: "exclude-field" }, element("label", {}, `${what}s `, input), list,
    complaint, element("span", { class: "chips" }, ...[...chosen].map((id) => chip(id, toggle))));
}

export function knownIds(model) {
  const runs = new Set();
  const tasks = new Set();
  for (const series of model.series) {
    for (const run of series.runs) runs.add(run.run_id);
    for (const dag of series.dags) dag.tasks.forEach((task) => tasks.add(task));
  }
  return { runs: [...runs], tasks: [...tasks] };
}

export function drawExclusions(box, known, excluded, toggleRun, toggleTask) {
  box.querySelector(".exclude-fields").replaceChildren(
    field("run", known.runs, excluded.runs, toggleRun),
    field("task", known.tasks, excluded.tasks, toggleTask));
  const number = excluded.runs.size + excluded.tasks.size;
  box.querySelector("#exclude-count").textContent = number > 0 ? `(${count(number)} excluded)` : "";
}

export function scaleButtons(current, choose) {
  return element("div", { class: "scale", role: "group", "aria-label": "scale" },
    ...["linear", "log"].map((scale) => element("button", {
      type: "button", "aria-pressed": String(scale === current),
      onclick: () => choose(scale) }, scale)));
}

// The legend that the three trends share.
export function trendKey(view, context) {
  const entry = (colour, style, text) => element("span", { class: "key" },
    element("span", { class: `stroke ${style}`, style: `--c: ${colour}` }), text);
  const entries = view.allSystems.flatMap((system) => {
    const colour = context.colourOf(system);
    const found = view.systems.includes(system) ? [entry(colour, "solid", system)] : [];
    const isPublished = view.published.some((figure) => figure.system === system);
    return isPublished ? [...found, entry(colour, "dashed", `${system}, published`)] : found;
  });
  const hasIdeal = view.series.some((series) => (series.ideal ?? series.task_seconds) !== null);
  return hasIdeal ? [...entries, entry("var(--ink)", "dotted", "ideal")] : entries;
}
