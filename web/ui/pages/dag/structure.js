// The tasks and groups of a DAG as a tree, each level in topological order, from the answer of
// /ui/dags/{dag_id}/structure.

// A node is {kind: "task" | "group", id, label, parent (node or null), depth, children, task?,
// group?, taskIds (all below it)}.
function taskNode(task) {
  return { kind: "task", id: task.task_id, label: task.label, task, children: [], parent: null,
    depth: 0, taskIds: [task.task_id] };
}

function groupNode(group) {
  return { kind: "group", id: group.group_id, label: group.label, group, children: [],
    parent: null, depth: 0, taskIds: [] };
}

// The two ancestors (or nodes themselves) that stand side by side below the nearest common one.
function siblings(a, b) {
  let [one, other] = [a, b];
  while (one.depth > other.depth) one = one.parent;
  while (other.depth > one.depth) other = other.parent;
  while (one.parent !== other.parent) [one, other] = [one.parent, other.parent];
  return [one, other];
}

// Kahn's algorithm; of nodes that are ready, the one that comes first in the file comes first.
function sorted(children, edges) {
  const waiting = new Map(children.map((node) => [node, 0]));
  for (const node of children) {
    for (const target of edges.get(node) ?? []) waiting.set(target, waiting.get(target) + 1);
  }
  const order = [];
  let ready = children.filter((node) => waiting.get(node) === 0);
  while (ready.length > 0) {
    const next = [];
    for (const node of ready) {
      order.push(node);
      for (const target of edges.get(node) ?? []) {
        waiting.set(target, waiting.get(target) - 1);
        if (waiting.get(target) === 0) next.push(target);
      }
    }
    ready = next;
  }
  // Groups may depend on each other both ways; then they stay as the file has them.
  return order.length === children.length ? order : children;
}

export class Structure {
  constructor(data) {
    this.data = data;
    this.tasks = new Map();
    this.groups = new Map();
    this.roots = [];
    this.build();
    this.sort();
  }

  build() {
    for (const group of this.data.groups) this.groups.set(group.group_id, groupNode(group));
    for (const group of this.groups.values()) this.place(group, group.group.parent);
    const setDepth = (node, depth) => {
      node.depth = depth;
      for (const child of node.children) setDepth(child, depth + 1);
    };
    for (const root of this.roots) setDepth(root, 0);
    for (const task of this.data.tasks) {
      const node = taskNode(task);
      this.tasks.set(node.id, node);
      this.place(node, task.group);
      node.depth = node.parent ? node.parent.depth + 1 : 0;
      for (let at = node.parent; at; at = at.parent) at.taskIds.push(node.id);
    }
  }

  place(node, parentId) {
    node.parent = this.groups.get(parentId) ?? null;
    (node.parent?.children ?? this.roots).push(node);
  }

  // Pairs of task nodes.
  * edges() {
    for (const node of this.tasks.values()) {
      for (const id of node.task.downstream) {
        const target = this.tasks.get(id);
        if (target) yield [node, target];
      }
    }
  }

  sort() {
    const edges = new Map();
    for (const [from, to] of this.edges()) {
      const [one, other] = siblings(from, to);
      if (one === other) continue;
      if (!edges.has(one)) edges.set(one, new Set());
      edges.get(one).add(other);
    }
    this.roots = sorted(this.roots, edges);
    for (const group of this.groups.values()) group.children = sorted(group.children, edges);
  }

  node(id) {
    return this.tasks.get(id) ?? this.groups.get(id) ?? null;
  }

  get hasGroups() {
    return this.groups.size > 0;
  }

  // The nodes in sight, from above: what is inside of closed groups is not. With a text only tasks
  // that have it in their name, and the groups around them.
  rows(open, text = "") {
    const wanted = text.trim().toLowerCase();
    const isWanted = (node) => (node.kind === "task" ? node.id.toLowerCase().includes(wanted)
      : node.children.some(isWanted));
    const rows = [];
    const add = (node) => {
      if (wanted && !isWanted(node)) return;
      rows.push(node);
      if (wanted || open.has(node.id)) node.children.forEach(add);
    };
    this.roots.forEach(add);
    return rows;
  }

  // The node that stands for a task while some groups are closed: itself, or the outermost of them.
  visible(taskId, open) {
    let shown = this.tasks.get(taskId);
    for (let at = shown?.parent; at; at = at.parent) {
      if (!open.has(at.id)) shown = at;
    }
    return shown;
  }
}
