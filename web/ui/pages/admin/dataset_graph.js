// The graph of datasets: DAGs that write them, the datasets, DAGs that they start.

import { html, useMemo } from "../../lib/html.js";
import { Icon } from "../../components/icons.js";
import { page } from "../../lib/path.js";
import { Graph, layout as arrange } from "../../vendor/@dagrejs/dagre/dist/dagre.esm.js";

const CHARACTER = 7.4;  // pixels of width, about
const HEIGHT = 34;
const WIDTH_MAX = 300;
const PADDING = 62;  // of a node, with its mark

function labelOf(text) {
  const most = Math.floor((WIDTH_MAX - PADDING) / CHARACTER);
  return text.length <= most ? text : `…${text.slice(1 - most)}`;
}

// Nodes and edges of a list of datasets. A DAG that writes one and is started by another is one
// node.
function datasetGraph(datasets) {
  const nodes = new Map();
  const edges = new Map();
  const add = (kind, name) => {
    const id = `${kind}:${name}`;
    nodes.set(id, { id, kind, name });
    return id;
  };
  const connect = (from, to) => edges.set(`${from} ${to}`, { from, to });
  for (const dataset of datasets) {
    const here = add("dataset", dataset.uri);
    for (const { dag_id } of dataset.producing_tasks) connect(add("dag", dag_id), here);
    for (const { dag_id } of dataset.consuming_dags) connect(here, add("dag", dag_id));
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function place({ nodes, edges }) {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 60, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) {
    graph.setNode(node.id, { ...node, height: HEIGHT,
      width: Math.min(WIDTH_MAX, labelOf(node.name).length * CHARACTER + PADDING) });
  }
  for (const { from, to } of edges) graph.setEdge(from, to);
  arrange(graph);
  const { width, height } = graph.graph();
  return { width, height, nodes: graph.nodes().map((id) => graph.node(id)),
    edges: graph.edges().map((edge) => ({ from: edge.v, to: edge.w,
      points: graph.edge(edge).points })) };
}

function curve(points) {
  const [first, ...rest] = points;
  let text = `M${first.x},${first.y}`;
  for (const [at, point] of rest.entries()) {
    const before = rest[at - 1] ?? first;
    const middle = (before.x + point.x) / 2;
    text += ` C${middle},${before.y} ${middle},${point.y} ${point.x},${point.y}`;
  }
  return text;
}

// The nodes next to the chosen one, and itself.
function near(edges, chosen) {
  const ids = new Set([chosen]);
  for (const { from, to } of edges) {
    if (from === chosen) ids.add(to);
    if (to === chosen) ids.add(from);
  }
  return ids;
}

function Node({ node, isFaint, isChosen, onChoose }) {
  const style = { left: `${node.x - node.width / 2}px`, top: `${node.y - node.height / 2}px`,
    width: `${node.width}px`, height: `${node.height}px` };
  const name = `dataset-node ${node.kind}${isFaint ? " faint" : ""}${isChosen ? " chosen" : ""}`;
  if (node.kind === "dag") {
    return html`<a class=${name} style=${style} title=${`DAG ${node.name}`}
      href=${page`/dags/${node.name}/grid`}><small class="muted">DAG</small>
      <span>${labelOf(node.name)}</span></a>`;
  }
  return html`<button type="button" class=${name} style=${style} title=${`Dataset ${node.name}`}
    aria-pressed=${isChosen ? "true" : "false"} onClick=${() => onChoose(node.name)}>
    <${Icon} name="note" size=${14} /><span>${labelOf(node.name)}</span></button>`;
}

// `chosen` is the URI of a dataset, or null; onChoose(uri) is called for a click on one.
export function DatasetGraph({ datasets, chosen, onChoose }) {
  const graph = useMemo(() => place(datasetGraph(datasets)), [datasets]);
  const id = chosen && `dataset:${chosen}`;
  const visible = useMemo(() => (id ? near(graph.edges, id) : null), [graph, id]);
  return html`<div class="dataset-graph panel" tabindex="0" role="region"
    aria-label="Graph of datasets"><div class="dataset-canvas"
    style=${{ width: `${graph.width}px`, height: `${graph.height}px` }}>
    <svg width=${graph.width} height=${graph.height} aria-hidden="true">
      <defs><marker id="dataset-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"
        markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8Z" /></marker></defs>
      ${graph.edges.map((edge) => html`<path key=${`${edge.from} ${edge.to}`}
        class=${id && edge.from !== id && edge.to !== id ? "faint" : ""} d=${curve(edge.points)}
        marker-end="url(#dataset-arrow)" />`)}</svg>
    ${graph.nodes.map((node) => html`<${Node} key=${node.id} node=${node} onChoose=${onChoose}
      isChosen=${node.id === id} isFaint=${visible !== null && !visible.has(node.id)} />`)}
  </div></div>`;
}
