/** Who is typing where: shown without names, one's own taken away; one's own sent sparingly. */

import { newKey } from "./api.ts";
import { type Discussion, find } from "./discussion.ts";
import { make } from "./html.ts";

const EVERY = 3000; // between two messages that one is typing
const LASTS = 7500; // the server forgets after 6 s and tells about once a second
const ECHO = 1500; // how long one's own may still be told after it stopped
const FORGET = 12_000; // when nothing is heard at all

interface Thread {
  parent: string | null;
  count: number;
}

export class Presence {
  #d: Discussion;
  #client = newKey();
  #own = new Map<string, { sent: number; until: number }>();
  #forget = 0;

  constructor(d: Discussion) {
    this.#d = d;
  }

  /** The reader typed below `parent` ("" for a new thread). */
  typing(parent: string): void {
    const now = Date.now();
    if (now - (this.#own.get(parent)?.sent ?? 0) < EVERY) return;
    this.#own.set(parent, { sent: now, until: now + LASTS });
    this.#send(parent, false);
  }

  /** The reader sent, cleared or left what they typed. */
  stopped(parent: string): void {
    const own = this.#own.get(parent);
    if (!own?.sent) return;
    this.#own.set(parent, { sent: 0, until: Date.now() + ECHO });
    this.#send(parent, true);
  }

  show(threads: Thread[]): void {
    clearTimeout(this.#forget);
    const typed = new Set<string>();
    for (const { parent, count } of threads) {
      const own = (this.#own.get(parent ?? "")?.until ?? 0) > Date.now() ? 1 : 0;
      if (count > own) typed.add(parent ?? "");
    }
    for (const line of this.#d.root.querySelectorAll<HTMLElement>(".bl-typing")) {
      this.#write(line, typed.delete(line.dataset.parent ?? ""));
    }
    typed.forEach((parent) => this.#write(this.#lineIn(parent), true));
    if (threads.length) this.#forget = window.setTimeout(() => this.show([]), FORGET);
  }

  #write(line: HTMLElement | undefined, typing: boolean): void {
    const sentence = typing ? this.#d.say.text("typing") : "";
    if (line && line.textContent !== sentence) line.textContent = sentence;
  }

  /** The line for a thread; it lies in the room below the comment and moves nothing. */
  #lineIn(parent: string): HTMLElement | undefined {
    const body = find(this.#d, parent)?.querySelector(":scope > .bl-body");
    if (!body) return undefined;
    const line = make("p", { class: "bl-typing", "data-parent": parent, "aria-live": "off" });
    body.append(line);
    return line;
  }

  #send(parent: string, stop: boolean): void {
    const { api, story } = this.#d;
    const body = { client: this.#client, ...(parent && { parent }), ...(stop && { stop }) };
    void api
      .json(`/api/v1/stories/${encodeURIComponent(story)}/typing`, { method: "POST", body })
      .catch(() => undefined); // nobody waits for it
  }
}
