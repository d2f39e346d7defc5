// Draws a graph that is laid out. Near, the nodes in sight are elements of their own; far away, or
// where too many are in sight, all of one state are one path, so that ten thousand are a few.
import { classes, html, memo, useMemo } from "../../lib/html.js";
import { stateColour, stateLabel, stateSymbol } from "../../lib/states.js";
import { operatorName } from "../task/task_facts.js";

const FAR_SCALE = 0.32;
const NEAR_MAX = 700;  // nodes in sight
const ARROW = 6;
const LETTER = 7.2;
const BESIDE = 50;

function cellOf(grid, node, place) {
  if (place === undefined) return null;
  return node.kind === "group" ? grid.groupCell(node, place) : grid.cell(node.id, place);
}

function lineOf(points) {
  const [[x, y], ...rest] = points;
  if (rest.length === 1) {
    const [[endX, endY]] = rest;
    const middle = (x + endX) / 2;
    return `M${x} ${y}C${middle} ${y} ${middle} ${endY} ${endX} ${endY}`;
  }
  // A smooth line through the points: curves between the middles of the segments.
  let line = `M${x} ${y}`;
  for (let at = 0; at < rest.length - 1; at += 1) {
    const [[ax, ay], [bx, by]] = [rest[at], rest[at + 1]];
    const isLast = at === rest.length - 2;
    line += `Q${ax} ${ay} ${isLast ? bx : (ax + bx) / 2} ${isLast ? by : (ay + by) / 2}`;
  }
  return line;
}

function arrowOf(points) {
  const [x, y] = points.at(-1);
  const [fromX, fromY] = points.length > 2 ? points.at(-2) : [x - 1, y];
  const length = Math.hypot(x - fromX, y - fromY) || 1;
  const [dx, dy] = [(x - fromX) / length * ARROW, (y - fromY) / length * ARROW];
  return `M${x} ${y}L${x - dx - dy / 2} ${y - dy + dx / 2}L${x - dx + dy / 2} ${y - dy - dx / 2}Z`;
}

const Lines = memo(({ graph, layout, selected, isFar }) => {
  const parts = { plain: [[], []], chosen: [[], []] };
  graph.edges.forEach(([from, to], at) => {
    const [lines, arrows] = parts[from === selected || to === selected ? "chosen" : "plain"];
    lines.push(lineOf(layout.lines[at]));
    if (!isFar) arrows.push(arrowOf(layout.lines[at]));
  });
  return html`<g>${Object.entries(parts).map(([name, [lines, arrows]]) => html`<g key=${name}
    class=${`graph-lines ${name}`}><path d=${lines.join("")} />
    <path class="arrows" d=${arrows.join("")} /></g>`)}</g>`;
});

function cut(text, width) {
  const most = Math.floor((width - BESIDE) / LETTER);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function detailOf(node, cell) {
  if (node.kind === "group") return `${node.taskIds.length} tasks`;
  if (!cell?.counts) return operatorName(node.task.operator) + (node.task.is_mapped ? " [ ]" : "");
  const total = Object.values(cell.counts).reduce((sum, count) => sum + count, 0);
  return `${cell.counts.success ?? 0} of ${total} succeeded`;
}

// Keys of an element that is no button but acts as one.
function pressed(actions) {
  return (event) => {
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  };
}

function Node({ item, place, cell, isSelected, onSelect, toggle }) {
  const { node, width, height } = item;
  const state = cell?.state ?? "none";
  const press = pressed({ Enter: () => onSelect(node.id),
    " ": () => (node.kind === "group" ? toggle(node.id) : onSelect(node.id)) });
  return html`<g class=${classes("graph-node", node.kind, isSelected && "selected")} tabindex="0"
      role="button" aria-label=${`${node.id}: ${stateLabel(state)}`} data-node=${node.id}
      data-state=${state} transform=${`translate(${place.x - width / 2} ${place.y - height / 2})`}
      style=${{ "--colour": stateColour(state) }} onClick=${() => onSelect(node.id)}
      onKeyDown=${press}>
    <title>${`${node.id}\n${stateLabel(state)}`}</title>
    ${node.kind === "group" ? html`<rect class="behind" x="4" y="4" width=${width} height=${height}
      rx="7" />` : null}
    <rect class="body" width=${width} height=${height} rx="7" />
    <g class="symbol" transform="translate(9 13)"><path d=${stateSymbol(state)} /></g>
    <text x="32" y="18" class="name">${cut(node.label, width)}</text>
    <text x="32" y="33" class="detail">${cut(detailOf(node, cell), width * 1.15)}</text>
    ${node.kind === "group" ? html`<g class="unfold" transform=${`translate(${width - 22} 13)`}
      onClick=${(event) => { event.stopPropagation(); toggle(node.id); }}>
      <title>Unfold</title><rect x="-3" y="-3" width="22" height="22" rx="4" />
      <path d="M8 3.2V12.8M3.2 8H12.8" /></g>` : null}</g>`;
}

function Frames({ graph, layout, toggle }) {
  const nodes = new Map(graph.frames.map(({ id, node }) => [id, node]));
  // dagre leaves little room between a frame and the one inside: their labels take turns.
  const labelY = (id, height) => (nodes.get(id).depth % 2 === 0 ? -5 : height + 14);
  return layout.frames.map(({ id, x, y, width, height }) => html`<g key=${id} class="graph-frame"
    transform=${`translate(${x - width / 2} ${y - height / 2})`}>
    <rect width=${width} height=${height} rx="9" />
    <g class="unfold" role="button" tabindex="0" aria-label=${`Fold ${id}`}
      onKeyDown=${pressed({ Enter: () => toggle(id), " ": () => toggle(id) })}
      onClick=${() => toggle(id)}><title>${`Fold ${id}`}</title>
      <text x="8" y=${labelY(id, height)}>− ${nodes.get(id).label}</text></g></g>`);
}

function inSight({ graph, layout, view, box }) {
  const left = -view.x / view.scale;
  const top = -view.y / view.scale;
  const right = left + box.width / view.scale;
  const bottom = top + box.height / view.scale;
  return graph.nodes.filter((item) => {
    const { x, y } = layout.places.get(item.id);
    return x + item.width / 2 > left && x - item.width / 2 < right
      && y + item.height / 2 > top && y - item.height / 2 < bottom;
  });
}

// All nodes, one path a state.
function FarNodes({ graph, layout, grid, version, place, onSelect }) {
  const paths = useMemo(() => {
    const byState = new Map();
    for (const { id, node, width, height } of graph.nodes) {
      const state = cellOf(grid, node, place)?.state ?? "none";
      if (!byState.has(state)) byState.set(state, []);
      const { x, y } = layout.places.get(id);
      byState.get(state).push(`M${x - width / 2} ${y - height / 2}h${width}v${height}h${-width}z`);
    }
    return [...byState].map(([state, parts]) => [state, parts.join("")]);
  }, [graph, layout, grid, version, place]);
  const click = (event) => {
    const svg = event.currentTarget;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(
      svg.getScreenCTM().inverse());
    const hit = graph.nodes.find(({ id, width, height }) => {
      const { x, y } = layout.places.get(id);
      return Math.abs(point.x - x) <= width / 2 && Math.abs(point.y - y) <= height / 2;
    });
    if (hit) onSelect(hit.id);
  };
  return html`<g class="graph-far" onClick=${click}>${paths.map(([state, d]) => html`
    <path key=${state} d=${d} data-state=${state} style=${{ fill: stateColour(state) }} />`)}</g>`;
}

export function GraphDrawing({ graph, layout, view, box, grid, version, place, selected, onSelect,
  toggle }) {
  const visible = useMemo(() => inSight({ graph, layout, view, box }), [graph, layout, view, box]);
  const isFar = visible.length > NEAR_MAX
    || (view.scale < FAR_SCALE && visible.length > NEAR_MAX / 6);
  return html`<svg class="graph" width="100%" height="100%" onClick=${(event) => {
      if (event.target === event.currentTarget) onSelect(null);
    }}><g transform=${`translate(${view.x} ${view.y}) scale(${view.scale})`}>
    <${Frames} graph=${graph} layout=${layout} toggle=${toggle} />
    <${Lines} graph=${graph} layout=${layout} selected=${selected} isFar=${isFar} />
    ${isFar ? html`<${FarNodes} graph=${graph} layout=${layout} grid=${grid} version=${version}
      place=${place} onSelect=${onSelect} />`
      : visible.map((item) => html`<${Node} key=${item.id} item=${item}
        place=${layout.places.get(item.id)} cell=${cellOf(grid, item.node, place)}
        isSelected=${item.id === selected} onSelect=${onSelect} toggle=${toggle} />`)}
    </g></svg>`;
}
