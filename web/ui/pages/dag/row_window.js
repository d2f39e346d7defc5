// Which rows of a long list are in sight.
import { useLayoutEffect, useState } from "../../lib/html.js";

const BEYOND = 12;  // rows above and below, so that scrolling shows no gaps
const STEP = 6;  // rows between two drawings

function scrollerOf(element) {
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}

function inSight(element, scroller, count, height) {
  const top = scroller ? scroller.getBoundingClientRect().top : 0;
  const length = scroller ? scroller.clientHeight : innerHeight;
  const above = top - element.getBoundingClientRect().top;
  const begin = Math.floor(Math.max(0, above) / height / STEP) * STEP - BEYOND;
  const end = Math.ceil((above + length) / height / STEP) * STEP + BEYOND;
  return [Math.max(0, begin), Math.max(0, Math.min(count, end))];
}

// [first, last) of `count` rows of one height in the element of `box`, which is as high as all of
// them; it scrolls with the window or with an element around it.
export function useWindow(box, count, height) {
  const [shown, setShown] = useState([0, Math.min(count, 40)]);
  useLayoutEffect(() => {
    const scroller = scrollerOf(box.current);
    const look = () => {
      const next = inSight(box.current, scroller, count, height);
      setShown((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
    };
    look();
    const target = scroller ?? window;
    target.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      target.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [count, height]);
  return shown;
}
