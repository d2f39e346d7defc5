// Where the nodes of a graph stand: by dagre in a worker, or, for large graphs and where dagre
// fails, by the cheap layout.
import { useEffect, useState } from "../../lib/html.js";
import { layeredLayout } from "./layered_layout.js";

const DAGRE_MAX = 600;  // nodes and edges

let worker = null;
let lastId = 0;
const waiting = new Map();

function dagre(graph) {
  if (!worker) {
    worker = new Worker(new URL("./dagre_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      waiting.get(data.id)?.(data.layout);
      waiting.delete(data.id);
    };
    worker.onerror = () => {
      for (const resolve of waiting.values()) resolve(undefined);
      waiting.clear();
    };
  }
  const id = ++lastId;
  const plain = { edges: graph.edges,
    nodes: graph.nodes.map(({ node, ...rest }) => rest),
    frames: graph.frames.map(({ node, ...rest }) => rest) };
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker.postMessage({ id, graph: plain });
  });
}

async function layOut(graph) {
  if (graph.nodes.length + graph.edges.length > DAGRE_MAX) return layeredLayout(graph);
  const answer = await dagre(graph);
  return answer ? { ...answer, places: new Map(answer.places) } : layeredLayout(graph);
}

// {graph, layout} that belong together, or null until the first is there.
export function useLayout(graph) {
  const [state, setState] = useState(null);
  useEffect(() => {
    let isOver = false;
    layOut(graph).then((layout) => { if (!isOver) setState({ graph, layout }); });
    return () => { isOver = true; };
  }, [graph]);
  return state;
}
