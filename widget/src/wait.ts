/** Slow mode: how long the reader still has to wait, told in every box of the discussion. The
 *  server decides; this only says it beforehand. */

import { announce, type Discussion } from "./discussion.ts";

export class Wait {
  #d: Discussion;
  #until = 0;
  #timer = 0;

  constructor(d: Discussion, life: AbortSignal) {
    this.#d = d;
    life.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** From now on `seconds` remain; 0 ends the waiting. */
  begin(seconds: number): void {
    this.#until = seconds > 0 ? Date.now() + seconds * 1000 : 0;
    this.show();
  }

  /** Writes what is left into the boxes, again and again until nothing is. */
  show(): void {
    clearTimeout(this.#timer);
    const left = this.#until ? Math.max(0, Math.ceil((this.#until - Date.now()) / 1000)) : 0;
    const said = left ? this.#d.say.text("wait", { wait: this.#spell(left) }) : "";
    for (const line of this.#d.root.querySelectorAll(".bl-wait")) line.textContent = said;
    if (left) this.#timer = window.setTimeout(() => this.show(), 1000);
    else if (this.#until) {
      this.#until = 0;
      announce(this.#d, this.#d.say.text("waited"));
    }
  }

  #spell(seconds: number): string {
    const [n, unit] = seconds < 120 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
    const style = { style: "unit", unit, unitDisplay: "long" } as const;
    return new Intl.NumberFormat(`${this.#d.say.language}-u-nu-latn`, style).format(n as number);
  }
}
