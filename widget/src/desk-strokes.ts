/** What was decided about many in one stroke: kept in this browser, so that one key still takes all
 * of it back when the page was loaded anew meanwhile. */

import { keep, stored } from "./api.ts";
import { UNDO_FOR } from "./desk-decisions.ts";

export interface Stroke {
  id: string;
  line: string;
  numbers: string[];
  at: number;
}

export class Strokes {
  #name: string;

  constructor(me: string) {
    this.#name = `belowline:desk-strokes:${me}`;
  }

  /** Those of the last ten minutes, the last one first. */
  get all(): Stroke[] {
    const kept = JSON.parse(stored(this.#name) ?? "[]") as Stroke[];
    return kept.filter((one) => Date.now() - one.at < UNDO_FOR);
  }

  /** Keeps decisions of a stroke, beside those that are kept of it. */
  add(id: string, line: string, numbers: readonly string[]): void {
    const others = this.all.filter((one) => one.id !== id);
    const before = this.all.find((one) => one.id === id);
    const known = before?.numbers ?? [];
    const at = before?.at ?? Date.now();
    const all = [{ id, line, numbers: [...known, ...numbers], at }, ...others];
    keep(this.#name, JSON.stringify(all.sort((one, other) => other.at - one.at)));
  }

  /** It was taken back. */
  drop(id: string): void {
    const left = this.all.filter((one) => one.id !== id);
    keep(this.#name, left.length ? JSON.stringify(left) : null);
  }
}
