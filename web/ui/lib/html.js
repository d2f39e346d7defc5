// Preact with hooks, and htm in place of JSX, from one file that imports nothing.
import { Component, h } from "../vendor/htm/preact/standalone.module.js";

export {
  Component, createContext, h, html, render, useCallback, useContext, useEffect, useErrorBoundary,
  useLayoutEffect, useMemo, useReducer, useRef, useState,
} from "../vendor/htm/preact/standalone.module.js";

function differ(before, after) {
  const names = Object.keys(after);
  return names.length !== Object.keys(before).length
    || names.some((name) => before[name] !== after[name]);
}

// A component that is drawn again only when one of its properties is another value.
export function memo(view) {
  return class extends Component {
    shouldComponentUpdate(next) {
      return differ(this.props, next);
    }

    render(props) {
      return h(view, props);
    }
  };
}

// Class names, those that are false left out.
export function classes(...names) {
  return names.filter(Boolean).join(" ");
}
