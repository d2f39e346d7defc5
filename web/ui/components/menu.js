import { classes, html, useEffect, useRef, useState } from "../lib/html.js";

// A button that opens a list of actions: items are {label, icon?, onClick | href, danger?,
// disabled?, title?} or null for a line between two groups, or a function that makes them when the
// list opens. `children` is the button's content.
export function Menu({ items, label, children, className = "icon-button" }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    box.current.querySelector("[role=menuitem]:not([disabled])")?.focus();
    const outside = (event) => {
      if (!box.current.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    box.current.querySelector("button").focus();
  };
  const pressed = (event) => {
    if (!isOpen) return;
    const entries = [...box.current.querySelectorAll("[role=menuitem]:not([disabled])")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const place = entries.indexOf(document.activeElement);
      entries[(place + step + entries.length) % entries.length].focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      close();
      event.stopPropagation();
    }
  };
  return html`<div class="menu" ref=${box} onKeyDown=${pressed}>
    <button type="button" class=${className} aria-haspopup="menu" aria-label=${label}
      title=${label} aria-expanded=${isOpen ? "true" : "false"}
      onClick=${() => setOpen(!isOpen)}>${children}</button>
    ${isOpen ? html`<div class="menu-list" role="menu">
      ${(typeof items === "function" ? items() : items).map((item, place) => (item
        ? MenuItem({ item, place, close }) : html`<hr key=${place} />`))}</div>` : null}
  </div>`;
}

function MenuItem({ item, place, close }) {
  const name = classes("menu-item", item.danger && "danger");
  if (item.href) {
    return html`<a key=${place} class=${name} role="menuitem" href=${item.href}
      aria-current=${item.current ? "page" : undefined} onClick=${close}>${item.label}</a>`;
  }
  return html`<button key=${place} type="button" class=${name} role="menuitem"
    disabled=${item.disabled} title=${item.title}
    onClick=${() => { close(); item.onClick(); }}>${item.label}</button>`;
}
