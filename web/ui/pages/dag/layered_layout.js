// A cheap layout for graphs that dagre would take too long for: each node in the layer of its
// longest way from a start, in the order of the middle of its predecessors. Linear but for sorting.

const LAYER_GAP = 70;
const NODE_GAP = 12;
const SWEEPS = 3;

function neighbours(graph, of, to) {
  const all = new Map(graph.nodes.map(({ id }) => [id, []]));
  for (const edge of graph.edges) all.get(edge[of]).push(edge[to]);
  return all;
}

function layersOf(graph, before, after) {
  const depth = new Map();
  const waiting = new Map(graph.nodes.map(({ id }) => [id, before.get(id).length]));
  const queue = graph.nodes.map(({ id }) => id).filter((id) => waiting.get(id) === 0);
  for (let at = 0; at < queue.length; at += 1) {  // the queue grows
    const id = queue[at];
    depth.set(id, Math.max(-1, ...before.get(id).map((one) => depth.get(one) ?? 0)) + 1);
    for (const next of after.get(id)) {
      waiting.set(next, waiting.get(next) - 1);
      if (waiting.get(next) === 0) queue.push(next);
    }
  }
  const layers = [];
  for (const node of graph.nodes) {  // closed groups may go in circles; those come first
    (layers[depth.get(node.id) ?? 0] ??= []).push(node);
  }
  return layers;
}

function order(layers, before, after) {
  const place = new Map();
  const note = (layer) => layer.forEach(({ id }, at) => place.set(id, at - layer.length / 2));
  layers.forEach(note);
  const middle = (ids, own) => (ids.length === 0 ? own
    : ids.reduce((sum, id) => sum + place.get(id), 0) / ids.length);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      const wanted = new Map(layer.map(({ id }) => [id,
        middle((isDown ? before : after).get(id), place.get(id))]));
      layer.sort((a, b) => wanted.get(a.id) - wanted.get(b.id));
      note(layer);
    }
  }
}

// Returns {places: Map id → {x, y} (the middle), lines: a list of points an edge, width, height,
// frames: []}.
export function layeredLayout(graph) {
  const before = neighbours(graph, 1, 0);
  const after = neighbours(graph, 0, 1);
  const layers = layersOf(graph, before, after).filter(Boolean);
  order(layers, before, after);
  const heights = layers.map((layer) => layer.reduce((sum, node) => sum + node.height + NODE_GAP,
    -NODE_GAP));
  const height = Math.max(0, ...heights);
  const places = new Map();
  let left = 0;
  layers.forEach((layer, at) => {
    const width = layer.reduce((most, node) => Math.max(most, node.width), 0);
    let y = (height - heights[at]) / 2;
    for (const node of layer) {
      places.set(node.id, { x: left + node.width / 2, y: y + node.height / 2 });
      y += node.height + NODE_GAP;
    }
    left += width + LAYER_GAP;
  });
  const sizes = new Map(graph.nodes.map((node) => [node.id, node.width]));
  const lines = graph.edges.map(([from, to]) => {
    const [a, b] = [places.get(from), places.get(to)];
    return [[a.x + sizes.get(from) / 2, a.y], [b.x - sizes.get(to) / 2, b.y]];
  });
  return { places, lines, frames: [], width: Math.max(0, left - LAYER_GAP), height };
}
