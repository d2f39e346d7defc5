// The page at `/`: the DAGs and their latest runs, fetched through the API. All data enters it as
// text nodes and encoded URLs, so that no id or error can become markup.
#pragma once

#include <string_view>

namespace beeflow {

inline constexpr std::string_view kLandingPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Beeflow</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd }
pre { background: #fff4f4; padding: .5rem; overflow: auto }
.success { color: #1a7f37 } .failed { color: #cf222e } .running { color: #0969da }
</style>
</head>
<body>
<h1>Beeflow</h1>
<p id="message">Loading …</p>
<table id="dags" hidden>
<thead><tr><th>DAG<th>Schedule<th>Latest run<th>State<th>Next run<th></tr></thead>
<tbody></tbody>
</table>
<div id="errors"></div>
<script type="module">
const api = async (path, options) => {
  const response = await fetch('/api/v1' + path, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
};
const say = text => document.getElementById('message').textContent = text;
const cell = (row, text, name) => {
  const td = row.insertCell();
  td.textContent = text ?? '';
  if (name) td.className = name;
  return td;
};
const schedule = s => s === null ? 'None' : s.value ?? `${s.days} d ${s.seconds} s`;
const act = (td, label, path, method, body) => {
  const button = td.appendChild(document.createElement('button'));
  button.textContent = label;
  button.onclick = () => api(path, {
    method, body: JSON.stringify(body), headers: {'Content-Type': 'application/json'},
  }).then(show, error => say(error.message));
};
async function show() {
  const {dags, total_entries} = await api('/dags?limit=100');
  const rows = document.createElement('tbody');
  for (const dag of dags) {
    const path = '/dags/' + encodeURIComponent(dag.dag_id);
    const [run] = (await api(path + '/dagRuns?limit=1&order_by=-execution_date')).dag_runs;
    const row = rows.insertRow();
    cell(row, dag.dag_id);
    cell(row, schedule(dag.schedule_interval));
    cell(row, run?.logical_date);
    cell(row, run?.state, run?.state);
    cell(row, dag.is_paused ? 'paused' : dag.next_dagrun_create_after);
    const actions = cell(row, '');
    act(actions, dag.is_paused ? 'Unpause' : 'Pause', path, 'PATCH', {is_paused: !dag.is_paused});
    act(actions, 'Trigger', path + '/dagRuns', 'POST', {});
  }
  const table = document.getElementById('dags');
  table.tBodies[0].replaceWith(rows);
  table.hidden = dags.length === 0;
  say(`${total_entries} DAGs`);
  const {import_errors} = await api('/importErrors');
  document.getElementById('errors').replaceChildren(...import_errors.map(error => {
    const pre = document.createElement('pre');
    pre.textContent = error.filename + '\n' + error.stack_trace;
    return pre;
  }));
}
show().catch(error => say(error.message));
</script>
</body>
</html>
)html";

}  // namespace beeflow
