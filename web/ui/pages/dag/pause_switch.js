import { patch } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { path } from "../../lib/path.js";
import { toast } from "../../components/notes.js";

// On: the DAG's schedule makes runs. It moves at once, and back where the server refuses.
// change(dag_id, {is_paused}) keeps what the page knows of the DAG.
export function PauseSwitch({ dag, change }) {
  const turn = async (event) => {
    const is_paused = !event.target.checked;
    change(dag.dag_id, { is_paused });
    try {
      await patch(path`/dags/${dag.dag_id}`, { is_paused }, { update_mask: "is_paused" });
    } catch (error) {
      change(dag.dag_id, { is_paused: !is_paused });
      toast(error);
    }
  };
  const state = dag.is_paused ? "Paused" : "On";
  if (dag.can_edit === false) {
    return html`<span class="switch" role="img" aria-label=${`${dag.dag_id}: ${state}`}
      title=${state} data-on=${dag.is_paused ? undefined : "yes"}><i></i></span>`;
  }
  const title = dag.is_paused ? "Paused: turn on" : "On: pause";
  return html`<span class="switch" title=${title}><input type="checkbox" role="switch"
    checked=${!dag.is_paused} onChange=${turn}
    aria-label=${`${dag.dag_id} is on`} /><i></i></span>`;
}
