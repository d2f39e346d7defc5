// What stands above every page: the ways to the pages, the search, and who is signed in.
import { classes, html, useEffect, useState } from "../lib/html.js";
import { liveState } from "../lib/live.js";
import { navigate } from "../lib/router.js";
import { can, signOut, useSession } from "../lib/session.js";
import { useSignal } from "../lib/signal.js";
import { switchTheme, useTheme } from "../lib/theme.js";
import { deviceZone, setZone, useZone } from "../lib/time.js";
import { Icon, Logo } from "./icons.js";
import { Menu } from "./menu.js";
import { toast } from "./notes.js";
import { SearchDialog } from "./search.js";

const PLACES = [
  { label: "DAGs", path: "/dags", permission: "can_read on DAGs" },
  { label: "Datasets", path: "/datasets", permission: "can_read on Datasets" },
  { label: "Environments", path: "/environments", permission: "can_read on DAGs" },
];
const ADMINISTRATION = [
  { label: "Pools", path: "/pools", permission: "can_read on Pools" },
  { label: "Variables", path: "/variables", permission: "can_read on Variables" },
  { label: "Connections", path: "/connections", permission: "can_read on Connections" },
  { label: "Users", path: "/users", permission: "can_read on Users" },
  { label: "Audit log", path: "/audit", permission: "can_read on Audit Logs" },
  { label: "Import errors", path: "/errors", permission: "can_read on ImportError" },
];

function isAt(path, place) {
  return path === place || path.startsWith(`${place}/`);
}

function Places({ path }) {
  const allowed = (all) => all.filter(({ permission }) => can(permission));
  const administration = allowed(ADMINISTRATION).map((place) => ({ label: place.label,
    href: `#${place.path}`, current: isAt(path, place.path) }));
  const isAdministration = administration.some(({ current }) => current);
  return html`<nav class="places" aria-label="Pages">
    ${allowed(PLACES).map((place) => html`<a key=${place.path} href=${`#${place.path}`}
      aria-current=${isAt(path, place.path) ? "page" : undefined}>${place.label}</a>`)}
    ${administration.length === 0 ? null : html`<${Menu} label="Admin"
      className=${classes("place-button", isAdministration && "current")}
      items=${administration}>Admin <${Icon} name="down" size=${12} /></${Menu}>`}
  </nav>`;
}

const LIVE_TEXT = {
  live: ["Live", "Changes show as they are committed"],
  connecting: ["Connecting", "Waiting for the stream of changes"],
  offline: ["Offline", "The server does not answer; what you see may be old"],
};

function LiveMark() {
  const state = useSignal(liveState);
  const [label, title] = LIVE_TEXT[state];
  return html`<span class="live-mark" data-state=${state} title=${title} role="status">
    <i></i><span>${label}</span></span>`;
}

function ThemeSwitch() {
  const other = useTheme() === "dark" ? "light" : "dark";
  return html`<button type="button" class="icon-button" onClick=${switchTheme}
    title=${`Use the ${other} theme`} aria-label=${`Use the ${other} theme`}>
    <${Icon} name=${other === "dark" ? "moon" : "sun"} /></button>`;
}

function UserMenu() {
  const session = useSession();
  const zone = useZone();
  const leave = () => signOut().then(() => navigate("/login"), toast);
  const items = () => [
    { label: zone === "utc" ? `Show times of ${deviceZone()}` : "Show times in UTC",
      onClick: () => setZone(zone === "utc" ? "local" : "utc") },
    ...(session.is_signed_in ? [{ label: "API tokens", href: "#/tokens" }] : []),
    null,
    session.is_signed_in ? { label: "Sign out", onClick: leave }
      : { label: "Sign in", href: "#/login" },
  ];
  const name = session.username ?? "Nobody";
  return html`<${Menu} label=${zone === "utc" ? `${name}; times in UTC` : name} items=${items}
    className="user-button"><${Icon} name="user" /><span>${name}</span></${Menu}>`;
}

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function useSearchKey(open) {
  useEffect(() => {
    const pressed = (event) => {
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey
        && !isTyping(event.target);
      const isCtrlK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
      if (!isSlash && !isCtrlK) return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

export function Header({ path }) {
  const [isSearching, setSearching] = useState(false);
  const [isOpen, setOpen] = useState(false);  // on a phone
  const session = useSession();
  useSearchKey(() => setSearching(true));
  useEffect(() => setOpen(false), [path]);
  return html`<header class=${classes("header", isOpen && "open")}>
    <button type="button" class="icon-button places-button" aria-label="Pages"
      aria-expanded=${isOpen ? "true" : "false"} onClick=${() => setOpen(!isOpen)}>
      <${Icon} name="menu" /></button>
    <a class="brand" href="#/dags" title=${`Beeflow ${session.version ?? ""}`}>
      <${Logo} size=${22} />
      <span>${session.instance_name || "Beeflow"}</span></a>
    <${Places} path=${path} />
    <span class="spring"></span>
    <button type="button" class="search-button" onClick=${() => setSearching(true)}
      aria-label="Search"><${Icon} name="search" size=${14} /><span>Search</span>
      <kbd>/</kbd></button>
    <${LiveMark} />
    <${ThemeSwitch} />
    <${UserMenu} />
    ${isSearching ? html`<${SearchDialog} onClose=${() => setSearching(false)} />` : null}
  </header>`;
}
