import { html } from "../lib/html.js";
import { navigate } from "../lib/router.js";

// Views of one thing: tabs are {id, label, href, count?}; arrow keys go from one to the next.
export function Tabs({ tabs, current, label }) {
  const moved = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const place = tabs.findIndex((tab) => tab.id === current);
    const next = tabs[(place + step + tabs.length) % tabs.length];
    event.preventDefault();
    navigate(next.href);
    event.currentTarget.children[tabs.indexOf(next)].focus();
  };
  return html`<nav class="tabs" role="tablist" aria-label=${label} onKeyDown=${moved}>
    ${tabs.map((tab) => html`<a key=${tab.id} role="tab" href=${tab.href}
      aria-selected=${tab.id === current ? "true" : "false"}
      tabindex=${tab.id === current ? 0 : -1}>${tab.label}
      ${tab.count === undefined ? null : html`<span class="count">${tab.count}</span>`}</a>`)}
  </nav>`;
}
