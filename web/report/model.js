// The report's document, and the part of it that is looked at: one group of runs, without what the
// reader excluded.

// The document with links from runs to their series and DAG.
export function readModel(json) {
  const systems = [];
  for (const series of json.series) {
    if (!systems.includes(series.system)) systems.push(series.system);
    for (const run of series.runs) {
      run.series = series;
      run.tasksOf = series.dags[run.dag].tasks;
    }
  }
  for (const { system } of json.published) if (!systems.includes(system)) systems.push(system);
  const groups = json.groups.map((group, index) => ({ ...group, index }));
  return { ...json, groups, systems };
}

export function taskName(run, index) {
  const id = run.tasksOf[run.tasks.task[index]];
  const mapIndex = run.tasks.map_index[index];
  return mapIndex < 0 ? id : `${id}[${mapIndex}]`;
}

export function isMostlyCold(run) {
  return run.attempts > 0 && run.cold * 2 >= run.attempts;
}

function taskPoints(runs, field, excluded) {
  const points = [];
  for (const run of runs) {
    const { tasks } = run;
    for (let i = 0; i < tasks.task.length; i += 1) {
      const value = tasks[field][i];
      if (value === null || tasks.state[i] !== "success") continue;
      if (excluded.tasks.has(run.tasksOf[tasks.task[i]])) continue;
      points.push({ value, run, task: i, cold: tasks.cold[i] === 1 });
    }
  }
  return points;
}

// One series with what counts: successful runs, and of these the successful tasks.
function viewSeries(series, excluded) {
  const listed = series.runs.filter((run) => !excluded.runs.has(run.run_id));
  const runs = listed.filter((run) => run.state === "success");
  const ofRuns = (field) => runs.filter((run) => run[field] !== null).map(
    (run) => ({ value: run[field], run, cold: isMostlyCold(run) }));
  return {
    ...series,
    all: series.runs,
    runs,
    failed: listed.filter((run) => run.state === "failed"),
    unfinished: listed.filter((run) => run.state !== "success" && run.state !== "failed"),
    makespan: ofRuns("makespan"),
    critical_path: ofRuns("critical_path"),
    overhead: ofRuns("overhead"),
    normalized_overhead: ofRuns("normalized_overhead"),
    duration: taskPoints(runs, "duration", excluded),
    wait: taskPoints(runs, "wait", excluded),
    cold: runs.reduce((sum, run) => sum + run.cold, 0),
    attempts: runs.reduce((sum, run) => sum + run.attempts, 0),
  };
}

const PUBLISHED_FIELDS = { makespan: "makespan", duration: "task_duration", wait: "task_wait" };

export function publishedValue(figure, metric) {
  return figure[PUBLISHED_FIELDS[metric]] ?? null;
}

const SIZE_TITLES = { parallel: "tasks in parallel", chain: "tasks in the chain",
  forest: "DAGs at once", other: "DAG" };

export function viewGroup(model, index, excluded) {
  const group = model.groups[index];
  const series = model.series.filter((one) => one.group === index)
    .map((one) => viewSeries(one, excluded));
  const sizes = new Map(series.map((one) => [one.label, one.size]));
  const labels = [...sizes.keys()].sort((a, b) => sizes.get(a) - sizes.get(b));
  const published = model.published.filter((figure) => figure.group === index);
  return {
    group,
    series,
    published,
    labels,
    tick: (label) => (group.shape === "other" ? label : String(sizes.get(label))),
    sizeTitle: SIZE_TITLES[group.shape],
    systems: model.systems.filter((system) => series.some((one) => one.system === system)),
    allSystems: model.systems,
  };
}

// Runs of one DAG and size on two systems belong together by their logical date, else by their
// order.
function pairRuns(left, right) {
  const keyOf = (run) => `${run.series.dags[run.dag].dag_id} ${run.logical_date}`;
  const byDate = new Map(right.map((run) => [keyOf(run), run]));
  const dated = left.filter((run) => byDate.has(keyOf(run)))
    .map((run) => [run, byDate.get(keyOf(run))]);
  if (dated.length > 0) return { by: "logical date", pairs: dated };
  const length = Math.min(left.length, right.length);
  return { by: "order", pairs: left.slice(0, length).map((run, i) => [run, right[i]]) };
}

export function pairsOf(view, systemX, systemY) {
  const pairs = [];
  const ways = new Set();
  for (const label of view.labels) {
    const runsOf = (system) => view.series
      .filter((one) => one.system === system && one.label === label)
      .flatMap((one) => one.runs.filter((run) => run.makespan !== null));
    const paired = pairRuns(runsOf(systemX), runsOf(systemY));
    if (paired.pairs.length > 0) ways.add(paired.by);
    for (const [a, b] of paired.pairs) pairs.push({ label, a, b, x: a.makespan, y: b.makespan });
  }
  return { pairs, ways: [...ways] };
}
