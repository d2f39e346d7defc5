// Lays graphs out with dagre, beside the page, which stays usable meanwhile. Messages: {id, graph}
// with nodes {id, width, height, parent}, edges [from, to] and frames {id, parent}; answers: {id,
// layout} as of layered_layout.js, places as a list of pairs.
import { Graph, layout } from "../../vendor/@dagrejs/dagre/dist/dagre.esm.js";

const NODES_EXACT_MAX = 60;  // beyond, the faster ranking is good enough

// dagre ends a line wherever it meets the box; from left to right it looks better at the sides.
function lineBetween(from, to, points) {
  const line = points.map(({ x, y }) => [x, y]);
  line[0] = [from.x + from.width / 2, from.y];
  line[line.length - 1] = [to.x - to.width / 2, to.y];
  return line;
}

function layOut({ nodes, edges, frames }) {
  const graph = new Graph({ compound: true });
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 46, edgesep: 10,
    ranker: nodes.length > NODES_EXACT_MAX ? "longest-path" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const frame of frames) graph.setNode(frame.id, {});
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { id, parent } of [...frames, ...nodes]) if (parent) graph.setParent(id, parent);
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  const size = graph.graph();
  return {
    places: nodes.map(({ id }) => [id, { x: graph.node(id).x, y: graph.node(id).y }]),
    lines: edges.map(([from, to]) => lineBetween(graph.node(from), graph.node(to),
      graph.edge(from, to).points)),
    frames: frames.map(({ id }) => ({ id, ...graph.node(id) })),
    width: size.width,
    height: size.height,
  };
}

self.onmessage = ({ data: { id, graph } }) => {
  try {
    self.postMessage({ id, layout: layOut(graph) });
  } catch (error) {
    self.postMessage({ id, problem: error.message });
  }
};
