// Keys that act anywhere on a page, but not while something is written or a dialog is open.

import { useEffect, useRef } from "../../lib/html.js";

const BUSY = "input, textarea, select, dialog, [role=menu]";

// actions: by key, such as {n: () => ..., "Ctrl+f": () => ...}. Those with Ctrl, or Cmd, act
// always.
export function usePageKeys(actions) {
  const newest = useRef(actions);
  newest.current = actions;
  useEffect(() => {
    const pressed = (event) => {
      const withControl = event.ctrlKey || event.metaKey;
      const action = newest.current[withControl ? `Ctrl+${event.key}` : event.key];
      if (!action || event.altKey || event.defaultPrevented) return;
      if (!withControl && event.target.closest?.(BUSY)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}
