// The search over everything: DAGs, tasks, runs, pools and more, by typing.
import { get } from "../lib/api.js";
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { navigate } from "../lib/router.js";
import { ErrorBox } from "./notes.js";
import { Icon } from "./icons.js";

const PAUSE_MS = 80;  // of typing, before the server is asked

function useResults(text) {
  const [state, setState] = useState({ results: [], asked: "", error: null });
  useEffect(() => {
    const asked = text.trim();
    if (asked === "") {
      setState({ results: [], asked, error: null });
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => get("/ui/search", { q: asked }, { signal: stop.signal }).then(
      ({ results }) => setState({ results, asked, error: null }),
      (error) => { if (error.name !== "AbortError") setState({ results: [], asked, error }); },
    ), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return state;
}

function Result({ result, place, isChosen, onGo, onChoose }) {
  const ref = useRef(null);
  useEffect(() => {
    if (isChosen) ref.current.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return html`<a ref=${ref} role="option" id=${`result-${place}`} href=${`#${result.path}`}
    class="search-result" aria-selected=${isChosen ? "true" : "false"} onClick=${onGo}
    onPointerMove=${onChoose}><span class="kind">${result.kind}</span>
    <span class="title">${result.title}</span><span class="detail">${result.detail}</span></a>`;
}

export function SearchDialog({ onClose }) {
  const window_ = useRef(null);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const { results, asked, error } = useResults(text);
  useEffect(() => {
    window_.current.showModal();
    window_.current.querySelector("input").focus();
  }, []);
  useEffect(() => setChosen(0), [results]);
  const pressed = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && results.length > 0) {
      setChosen((chosen + step + results.length) % results.length);
      event.preventDefault();
    } else if (event.key === "Enter" && results[chosen]) {
      navigate(results[chosen].path);
      onClose();
    }
  };
  const closing = (event) => { event.preventDefault(); onClose(); };
  return html`<dialog ref=${window_} class="dialog search-dialog" aria-label="Search"
    onCancel=${closing} onMouseDown=${(event) => event.target === window_.current && onClose()}>
    <label class="search-line"><${Icon} name="search" />
      <input type="text" placeholder="DAGs, tasks, runs, pools, variables …" value=${text}
        role="combobox" aria-expanded="true" aria-controls="search-results"
        aria-activedescendant=${results.length ? `result-${chosen}` : undefined}
        aria-label="Search" autocomplete="off" spellcheck="false" onKeyDown=${pressed}
        onInput=${(event) => setText(event.target.value)} /><kbd>Esc</kbd></label>
    <div id="search-results" role="listbox" aria-label="Results" class="search-results">
      ${results.map((result, place) => html`<${Result} key=${`${result.kind} ${result.path}`}
        result=${result} place=${place} isChosen=${place === chosen} onGo=${onClose}
        onChoose=${() => setChosen(place)} />`)}
      ${asked && results.length === 0 && !error
        ? html`<p class="muted search-note">Nothing is called “${asked}”.</p>` : null}
      <${ErrorBox} error=${error} /></div>
  </dialog>`;
}
