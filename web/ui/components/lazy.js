// Components whose modules are loaded when they are first shown: dialogs, panels.
import { h, html } from "../lib/html.js";
import { useLazy } from "../lib/lazy.js";
import { ErrorBox } from "./notes.js";

// load: () => import(...); name: what the module exports it as.
export function lazy(load, name) {
  const loadIt = () => load().then((module) => ({ default: module[name] }));
  return function Lazy(props) {
    const { View, error } = useLazy(loadIt);
    if (View) return h(View, props);
    return error ? html`<${ErrorBox} title="It could not be loaded" error=${error} />` : null;
  };
}
