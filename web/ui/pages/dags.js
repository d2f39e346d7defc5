import { html } from "../lib/html.js";

export default function Dags() {
  return html`<h1>DAGs</h1>`;
}
