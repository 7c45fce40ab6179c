/** Comments by others wait behind one button until the reader asks for them. */

import { announce, type Discussion, focusOn } from "./discussion.ts";
import { itemOf, place, standsHere } from "./place.ts";

const TINT = 6000;

export interface Arrival {
  id: string;
  parent: string | null;
  author: string;
  html: string;
}

export class Arrivals {
  #d: Discussion;
  #waiting = new Map<string, Arrival>();

  constructor(d: Discussion) {
    this.#d = d;
  }

  /** Lets a comment wait if its place is on this page or waits itself. */
  add(arrival: Arrival): void {
    const { parent } = arrival;
    if (!this.#waiting.has(parent ?? "") && !standsHere(this.#d, parent)) return;
    this.#waiting.set(arrival.id, arrival);
    this.#show();
    announce(this.#d, this.#sentence());
  }

  /** A waiting comment has another text now; false when it does not wait. */
  change(id: string, html: string): boolean {
    const arrival = this.#waiting.get(id);
    if (arrival) arrival.html = html;
    return !!arrival;
  }

  /** A comment needs to wait no longer: it was removed, or came to the page by another way. */
  drop(id: string): void {
    if (this.#waiting.delete(id)) this.#show();
  }

  clear(): void {
    this.#waiting.clear();
    this.#show();
  }

  /** Puts all of them into their places, tinted for a moment, and goes to the first. */
  bring(): void {
    const items = Array.from(this.#waiting.values())
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((arrival) => place(this.#d, itemOf(this.#d, arrival.html)))
      .filter((item) => item !== null);
    this.clear();
    items.forEach(tint);
    const [first] = items.sort((a, b) =>
      a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    );
    focusOn(first ?? null);
  }

  #show(): void {
    const button = this.#d.root.querySelector<HTMLElement>(".bl-arrivals");
    if (!button) return;
    button.hidden = !this.#waiting.size;
    if (this.#waiting.size) button.textContent = this.#sentence();
  }

  #sentence(): string {
    return this.#d.say.counted("arrivals", this.#waiting.size);
  }
}

/** Marks what was just asked for. */
export function tint(comment: HTMLElement): void {
  comment.classList.add("bl-new");
  setTimeout(() => comment.classList.remove("bl-new"), TINT);
}
