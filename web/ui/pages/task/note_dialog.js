import { html, useState } from "../../lib/html.js";
import { Confirm } from "../../components/dialog.js";
import { toast } from "../../components/notes.js";
import { patch } from "../../lib/api.js";

const NOTE_MAX = 1000;  // characters, as the server demands

// The note of a run or a task instance; `target` is its address in the API.
export function NoteDialog({ target, note, onSaved, onClose }) {
  const [text, setText] = useState(note ?? "");
  const save = async () => {
    await patch(`${target}/setNote`, { note: text });
    toast(text === "" ? "The note is gone." : "The note is saved.");
    onSaved();
  };
  return html`<${Confirm} title="Note" confirm="Save" onConfirm=${save} onClose=${onClose}>
    <label class="field"><span>Note</span>
      <textarea rows="6" maxlength=${NOTE_MAX} value=${text} data-autofocus
        onInput=${(event) => setText(event.target.value)} />
      <small>${text.length} of ${NOTE_MAX} characters. Everyone who sees the DAG sees it.</small>
    </label></${Confirm}>`;
}
