// Reads the log of a try while it is written. The server sends text until the try has ended.

import { getStream } from "../../lib/api.js";
import { LogLines } from "./log_lines.js";

const RETRY_MS = 1500;
const RETRIES_MAX = 20;

export class LogStream {
  // `target` and `params` are those of lib/api.js. `changed()` is called when there is more, or the
  // state is another; at most once a frame.
  constructor(target, params, changed) {
    this.target = target;
    this.params = params;
    this.changed = changed;
    this.frame = null;
    this.retries = 0;
    this.restart();
  }

  restart() {
    this.aborter?.abort();
    clearTimeout(this.timer);
    this.aborter = new AbortController();
    this.log ??= new LogLines();
    this.state = "loading";  // then live; in the end ended, missing or failed
    this.problem = "";
    this.read(this.aborter.signal).catch((error) => this.fail(error));
  }

  async read(signal) {
    const response = await getStream(this.target, this.params, { signal });
    const log = new LogLines();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    this.log = log;
    this.state = "live";
    this.tell();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      log.add(decoder.decode(value, { stream: true }));
      this.retries = 0;
      this.tell();
    }
    log.add(decoder.decode());
    this.state = "ended";
    this.tell();
  }

  fail(error) {
    if (error.name === "AbortError") return;
    const isLost = !error.status;
    this.state = error.status === 404 ? "missing" : "failed";
    this.problem = isLost ? "The connection to the server was lost." : error.message;
    if (isLost && ++this.retries <= RETRIES_MAX) {
      this.timer = setTimeout(() => this.restart(), RETRY_MS);
    }
    this.tell();
  }

  tell() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.changed();
    });
  }

  stop() {
    this.aborter.abort();
    clearTimeout(this.timer);
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.changed = () => {};
  }
}
