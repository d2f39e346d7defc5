// Moving and zooming a drawing with the wheel, by dragging, with two fingers and with buttons.
import { useCallback, useEffect, useRef, useState } from "../../lib/html.js";

const SCALE_MIN = 0.02;
const SCALE_MAX = 2.5;
const READABLE_SCALE = 0.75;
const MARGIN = 24;
const DRAG_MIN = 4;  // pixels; less is a click

function fitting(box, { width, height }) {
  const scale = Math.max(SCALE_MIN, Math.min(1, (box.width - 2 * MARGIN) / Math.max(1, width),
    (box.height - 2 * MARGIN) / Math.max(1, height)));
  return { scale, x: (box.width - width * scale) / 2, y: (box.height - height * scale) / 2 };
}

// As much as can be read, from the left; `least` is the smallest scale for that.
function readable(box, size, least) {
  const all = fitting(box, size);
  if (all.scale >= least) return all;
  const scale = least;
  const [width, height] = [size.width * scale, size.height * scale];
  return { scale, x: Math.max(MARGIN, (box.width - width) / 2), y: (box.height - height) / 2 };
}

function zoomed(view, factor, x, y) {
  const scale = Math.max(SCALE_MIN, Math.min(SCALE_MAX, view.scale * factor));
  const by = scale / view.scale;
  return { scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
}

function useDragging(ref, setView, wasDragged) {
  useEffect(() => {
    const box = ref.current;
    const fingers = new Map();
    const start = (event) => {
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (fingers.size === 1) wasDragged.current = 0;
    };
    const move = (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
      wasDragged.current += Math.abs(dx) + Math.abs(dy);
      if (wasDragged.current > DRAG_MIN) box.setPointerCapture(event.pointerId);
      const distance = () => {
        const [[ax, ay], [bx, by]] = [...fingers.values()];
        return Math.hypot(ax - bx, ay - by);
      };
      const apart = fingers.size === 2 ? distance() : 0;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      const { left, top } = box.getBoundingClientRect();
      setView((view) => (fingers.size === 2 && apart > 0
        ? zoomed(view, distance() / apart, event.clientX - left, event.clientY - top)
        : { ...view, x: view.x + dx, y: view.y + dy }));
    };
    const end = (event) => fingers.delete(event.pointerId);
    const listeners = { pointerdown: start, pointermove: move, pointerup: end,
      pointercancel: end };
    for (const [name, listener] of Object.entries(listeners)) box.addEventListener(name, listener);
    return () => Object.entries(listeners).forEach(
      ([name, listener]) => box.removeEventListener(name, listener));
  }, []);
}

// {view: {x, y, scale}, box: {width, height}, fit(), zoom(factor), isClick()} of the element of
// `ref`; size: that of the drawing, shown from its beginning when it is another, or, where `isAll`,
// as a whole.
export function usePanZoom(ref, size, isAll) {
  const [box, setBox] = useState({ width: 800, height: 500 });
  const [view, setView] = useState({ x: 0, y: 0, scale: 1 });
  const wasDragged = useRef(0);
  useEffect(() => {
    const look = () => setBox({ width: ref.current.clientWidth,
      height: ref.current.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(ref.current);
    look();
    const wheel = (event) => {
      event.preventDefault();
      const { left, top } = ref.current.getBoundingClientRect();
      setView((before) => zoomed(before, Math.exp(-event.deltaY * 0.0015), event.clientX - left,
        event.clientY - top));
    };
    ref.current.addEventListener("wheel", wheel, { passive: false });
    return () => observer.disconnect();
  }, []);
  useDragging(ref, setView, wasDragged);
  const show = useCallback((least) => {
    const { clientWidth: width, clientHeight: height } = ref.current;
    if (size) setView(readable({ width, height }, size, least));
  }, [size]);
  const fit = useCallback(() => show(SCALE_MIN), [show]);
  useEffect(() => show(isAll ? SCALE_MIN : READABLE_SCALE), [show]);
  const zoom = (factor) => setView((before) => zoomed(before, factor, box.width / 2,
    box.height / 2));
  return { view, box, fit, zoom, isClick: () => wasDragged.current <= DRAG_MIN };
}
