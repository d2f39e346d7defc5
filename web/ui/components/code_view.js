import { classes, html, useEffect, useMemo, useRef } from "../lib/html.js";
import { pythonLines } from "../lib/python_tokens.js";

const COLOURED_MAX = 400_000;  // characters; what is longer is shown plain

// Source with line numbers, Python coloured. `line` (from 1) is marked and scrolled to; so are the
// places (from 0) of `changed`, a set or null, without scrolling.
export function CodeView({ source, language = "python", line, changed }) {
  const box = useRef(null);
  const lines = useMemo(() => (language === "python" && source.length < COLOURED_MAX
    ? pythonLines(source) : source.split("\n").map((text) => [["", text]])), [source, language]);
  useEffect(() => {
    if (line) box.current.querySelector(".marked")?.scrollIntoView({ block: "center" });
  }, [line, source]);
  return html`<pre class="code-view" ref=${box} tabindex="0"
    style=${{ "--digits": String(lines.length).length }}><code>
    ${lines.map((tokens, place) => html`<span key=${place}
      class=${classes("code-line", place + 1 === line && "marked", changed?.has(place)
        && "changed")} data-line=${place + 1}
      >${tokens.map(([kind, text]) => (kind ? html`<span class=${`py-${kind}`}>${text}</span>`
        : text))}${"\n"}</span>`)}</code></pre>`;
}
