// Shows the lines of a log, of which there may be millions: only those in sight are drawn.

import { classes, html, useEffect, useLayoutEffect, useMemo, useRef, useState }
  from "../../lib/html.js";
import { Icon } from "../../components/icons.js";
import { EmptyNote } from "../../components/notes.js";
import { formatTime, formatUtc, useZone } from "../../lib/time.js";
import { colouredPieces, highlighted, parseLine } from "./log_lines.js";
import { LogRows, ROW_HEIGHT } from "./log_rows.js";
import { LogSearch } from "./log_search.js";
import { usePageKeys } from "./page_keys.js";
import { countText } from "./quantities.js";

const MARGIN_ROWS = 30;  // drawn above and below what is in sight
const END_PIXELS = 24;   // so near to the end the view follows it
const HEIGHT_MIN = 360;
const CLOCK_LENGTH = 12;  // 14:05:09.123

function Pieces({ text, pattern }) {
  return highlighted(colouredPieces(text), pattern).map((piece) => {
    if (piece.isHit) return html`<mark class=${piece.className}>${piece.text}</mark>`;
    return piece.className ? html`<span class=${piece.className}>${piece.text}</span>` : piece.text;
  });
}

function LogLine({ number, line, pattern, isCurrent }) {
  const { time, source, level, text } = parseLine(line);
  return html`<div class=${classes("log-line", level && `level-${level.toLowerCase()}`,
    isCurrent && "current")} data-line=${number}>
    <span class="log-number" aria-hidden="true">${number}</span>
    <span class="log-time" title=${time && formatUtc(time)}>${time
      ? formatTime(time, "ms").slice(-CLOCK_LENGTH) : ""}</span>
    <span class="log-text">${level && level !== "INFO"
      ? html`<b class="log-level">${level}</b> ` : null}<${Pieces} text=${text}
      pattern=${pattern} />${source ? html` <span class="log-source">${source}</span>` : null}
    </span>
  </div>`;
}

// The search through a log and where in its hits the reader is. It begins with the key that is
// pressed, so that Enter right after it finds the hits.
function useSearch(lines, version) {
  const [text, showText] = useState("");
  const [current, setCurrent] = useState(-1);
  const [, draw] = useState(0);
  const search = useRef(null);
  const begin = (wanted) => {
    search.current?.stop();
    search.current = new LogSearch(lines, wanted, () => draw((n) => n + 1));
    showText(wanted);
    setCurrent(-1);
  };
  useLayoutEffect(() => {
    begin(text);
    return () => search.current.stop();
  }, [lines]);
  useEffect(() => {
    const before = search.current.count;
    search.current.goOn();
    if (search.current.count !== before) draw((n) => n + 1);
  }, [version]);
  return { text, setText: begin, current, setCurrent, get hits() { return search.current; } };
}

// How many characters fit into a line, from the width of the view and of one character.
function useColumns(view, isWrapped) {
  const [columns, setColumns] = useState(0);
  useLayoutEffect(() => {
    if (!isWrapped) return setColumns(0);
    const measure = () => {
      const probe = view.current.querySelector(".log-probe");
      const width = probe.getBoundingClientRect().width / probe.textContent.length;
      setColumns(Math.max(20, Math.floor(probe.parentElement.clientWidth / width)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(view.current);
    return () => observer.disconnect();
  }, [isWrapped]);
  return columns;
}

// What part of the log is in sight. The view follows the end until the reader scrolls away from it.
function useScroll(view, rows, version) {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [isFollowing, setFollowing] = useState(true);
  const expected = useRef(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setHeight(view.current?.clientHeight ?? 600));
    observer.observe(view.current);
    return () => observer.disconnect();
  }, []);
  const scrollTo = (target) => {
    view.current.scrollTop = target;
    expected.current = view.current.scrollTop;
    setTop(expected.current);
  };
  useLayoutEffect(() => {
    if (isFollowing) scrollTo(view.current.scrollHeight);
  }, [version, rows.columns, height, isFollowing]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = view.current;
    setTop(scrollTop);
    const isAtEnd = scrollHeight - scrollTop - clientHeight < END_PIXELS;
    if (isAtEnd) setFollowing(true);
    else if (scrollTop < expected.current - 1) setFollowing(false);
    expected.current = scrollTop;
  };
  const { height: total, ratio } = rows.scale(height);
  const showLine = (line) => {
    setFollowing(false);
    scrollTo(Math.max(0, (rows.top(line) - height / 2) / ratio));
  };
  return { top, height, total, ratio, isFollowing, setFollowing, onScroll, showLine };
}

// The log takes what the window has left below it, wherever what is above it moves it to.
function useFillHeight(view) {
  const fill = () => {
    const top = view.current.getBoundingClientRect().top + window.scrollY;
    const height = `${Math.max(HEIGHT_MIN, Math.floor(window.innerHeight - top - 24))}px`;
    if (view.current.style.height !== height) view.current.style.height = height;
  };
  useLayoutEffect(fill);
  useEffect(() => {
    window.addEventListener("resize", fill);
    return () => window.removeEventListener("resize", fill);
  }, []);
}

function SearchBar({ search, onJump, field, label }) {
  const { text, current, hits } = search;
  const count = hits?.count ?? 0;
  const place = current >= 0 ? current + 1 : "–";
  const told = text === "" ? "" : `${place} of ${countText(count, "line")}`;
  const pressed = (event) => {
    if (event.key === "Enter") onJump(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && text !== "") search.setText("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="log-search" role="search" aria-label=${`Search: ${label}`}>
    <label class="filter"><${Icon} name="search" size=${14} />
      <input type="search" ref=${field} placeholder="Search the log" aria-label="Search the log"
        value=${text} onInput=${(event) => search.setText(event.target.value)}
        onKeyDown=${pressed} /></label>
    <span class="log-count" role="status">${told}</span>
    <button type="button" class="icon-button" title="Previous (N)" aria-label="Previous match"
      disabled=${count === 0} onClick=${() => onJump(-1)}><${Icon} name="up" /></button>
    <button type="button" class="icon-button" title="Next (n)" aria-label="Next match"
      disabled=${count === 0} onClick=${() => onJump(1)}><${Icon} name="down" /></button>
  </div>`;
}

function jumper({ search, scroll, rows }) {
  return (step) => {
    const count = search.hits?.count ?? 0;
    if (count === 0) return;
    let next = search.current + step;
    if (search.current < 0) next = search.hits.indexFrom(rows.lineAt(scroll.top * scroll.ratio));
    next = (next + count) % count;
    search.setCurrent(next);
    scroll.showLine(search.hits.line(next));
  };
}

function VisibleLines({ log, rows, scroll, search }) {
  const from = scroll.top * scroll.ratio;
  const first = Math.max(0, rows.lineAt(from) - MARGIN_ROWS);
  const last = Math.min(log.lines.length, rows.lineAt(from + scroll.height) + MARGIN_ROWS + 1);
  const currentLine = search.current >= 0 ? search.hits?.line(search.current) : -1;
  const shown = [];
  for (let i = first; i < last; ++i) {
    shown.push(html`<${LogLine} key=${i} number=${i + 1} line=${log.lines[i]}
      pattern=${search.hits?.pattern} isCurrent=${i === currentLine} />`);
  }
  const offset = scroll.top + rows.top(first) - from;
  return html`<div class="log-lines" style=${{ transform: `translateY(${offset}px)` }}>
    ${shown}</div>`;
}

// `log` (LogLines) may grow; `version` is another number whenever it has. `tools` stand at the end
// of the bar. Of several views on a page one is active: it takes the keys.
export function LogView({ log, version, isLive, tools, isActive = true, empty, label = "Log" }) {
  useZone();
  const [isWrapped, setWrapped] = useState(localStorage.getItem("wrapLog") !== "no");
  const view = useRef(null);
  const field = useRef(null);
  useFillHeight(view);
  const rows = useMemo(() => new LogRows(log.lines), [log]);
  rows.update(useColumns(view, isWrapped));
  const scroll = useScroll(view, rows, version);
  const search = useSearch(log.lines, version);
  const jump = jumper({ search, scroll, rows });
  // Ctrl+F searches all of the log, of which the browser sees but a part.
  usePageKeys(isActive ? { n: () => jump(1), N: () => jump(-1),
    "Ctrl+f": () => field.current.select() } : {});
  const wrap = () => {
    localStorage.setItem("wrapLog", isWrapped ? "no" : "yes");
    setWrapped(!isWrapped);
  };
  return html`<section class=${classes("log-view", isWrapped && "wrapped")} aria-label=${label}
    style=${{ "--row": `${ROW_HEIGHT}px` }}>
    <div class="log-bar">
      <${SearchBar} search=${search} onJump=${jump} field=${field} label=${label} />
      <label class="check"><input type="checkbox" checked=${isWrapped} onChange=${wrap} />
        Wrap</label>
      <span class="log-size muted">${countText(log.lines.length, "line")}</span>
      <span class="spring"></span>${tools}
    </div>
    <div class="log-scroll" ref=${view} tabindex="0" onScroll=${scroll.onScroll} role="log"
      aria-live="off" aria-label=${label}>
      <div class="log-space" style=${{ height: `${scroll.total}px` }}>
        <div class="log-line log-probe-line" aria-hidden="true"><span class="log-number"></span>
          <span class="log-time"></span>
          <span class="log-text"><span class="log-probe">${"M".repeat(50)}</span></span></div>
        <${VisibleLines} log=${log} rows=${rows} scroll=${scroll} search=${search} />
      </div>
      ${log.lines.length === 0 ? empty ?? html`<${EmptyNote} icon="log"
        title=${isLive ? "Nothing logged yet" : "The log is empty"} />` : null}
    </div>
    ${scroll.isFollowing ? null : html`<button type="button" class="button small log-end"
      onClick=${() => scroll.setFollowing(true)}><${Icon} name="down" size=${14} />
      ${isLive ? "Follow the end" : "To the end"}</button>`}
  </section>`;
}
