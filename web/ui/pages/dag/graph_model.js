// What of a DAG's graph is in sight while some groups are closed: {nodes, edges, frames} without
// places. nodes: {id, node, width, height, parent}; edges: [from id, to id]; frames: open groups.

const HEIGHT = 42;
const WIDTH_MIN = 120;
const WIDTH_MAX = 240;
const WIDTH_OF_LETTER = 7.2;
const WIDTH_BESIDE = 58;  // symbol and margins

function widthOf(node) {
  const letters = Math.max(node.label.length, (node.task?.operator ?? "").length * 0.82);
  return Math.round(Math.max(WIDTH_MIN, Math.min(WIDTH_MAX,
    letters * WIDTH_OF_LETTER + WIDTH_BESIDE)));
}

export function graphOf(structure, open) {
  const shown = new Map();
  const standsFor = new Map();
  for (const taskId of structure.tasks.keys()) {
    const node = structure.visible(taskId, open);
    standsFor.set(taskId, node.id);
    if (!shown.has(node.id)) {
      shown.set(node.id, { id: node.id, node, width: widthOf(node), height: HEIGHT,
        parent: node.parent?.id ?? null });
    }
  }
  const edges = new Map();
  for (const [from, to] of structure.edges()) {
    const [a, b] = [standsFor.get(from.id), standsFor.get(to.id)];
    if (a !== b) edges.set(`${a}\n${b}`, [a, b]);
  }
  const frames = new Map();
  for (const { node } of shown.values()) {
    for (let at = node.parent; at; at = at.parent) {
      frames.set(at.id, { id: at.id, node: at, parent: at.parent?.id ?? null });
    }
  }
  return { nodes: [...shown.values()], edges: [...edges.values()], frames: [...frames.values()] };
}
