// Lays graphs out with dagre, beside the page, which stays usable meanwhile. Messages: {id, graph}
// with nodes {id, width, height, parent}, edges [from, to] and frames {id, parent}; answers: {id,
// layout} as of layered_layout.js, places as a list of pairs.
import { Graph, layout } from "../../vendor/@dagrejs/dagre/dist/dagre.esm.js";

const NODES_EXACT_MAX = 60;  // beyond, the faster ranking is good enough

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
    lines: edges.map(([from, to]) => graph.edge(from, to).points.map(({ x, y }) => [x, y])),
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
