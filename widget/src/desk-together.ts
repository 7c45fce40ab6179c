/** Who looks at which card: told to the others while it lasts, and forgotten when it does not. */

import { send } from "./desk-form.ts";

const SETTLE = 400;
const AGAIN = 20_000;
const HOLDS = 50_000;

interface Answer {
  lock: { user: string; name: string } | null;
}

export class Looking {
  #me: string;
  #others = new Map<string, { user: string; name: string; timer: number }>();
  #changed: (id: string, name: string) => void;
  #now = "";
  #timer = 0;

  constructor(me: string, changed: (id: string, name: string) => void) {
    this.#me = me;
    this.#changed = changed;
    setInterval(() => void this.#say(), AGAIN);
    window.addEventListener("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#leave();
      else void this.#say();
    });
  }

  /** Whoever else looks at a card, "" when nobody does. */
  other(id: string): string {
    return this.#others.get(id)?.name ?? "";
  }

  isTaken(id: string): boolean {
    return this.#others.has(id);
  }

  /** This card is shown now. Who only steps over cards locks none of them. */
  at(id: string): void {
    if (id === this.#now) return;
    this.#now = id;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#say(), SETTLE);
  }

  /** The live stream, or the list as it was loaded, says that somebody looks. */
  hears(id: string, user: string, name: string): void {
    const before = this.#others.get(id);
    if (before) clearTimeout(before.timer);
    if (!user || user === this.#me) {
      this.#others.delete(id);
      if (before) this.#changed(id, "");
      return;
    }
    const timer = window.setTimeout(() => this.hears(id, "", ""), HOLDS);
    this.#others.set(id, { user, name, timer });
    this.#changed(id, name);
  }

  async #say(): Promise<void> {
    const id = this.#now;
    if (document.visibilityState === "hidden") return;
    try {
      const { lock } = await send<Answer>("/fragments/desk/look", { comment: id });
      if (id && lock) this.hears(id, lock.user, lock.name);
    } catch {
      // The next time says it again; whoever decides first is told apart by the server.
    }
  }

  #leave(): void {
    if (!this.#now) return;
    navigator.sendBeacon("/fragments/desk/look", new URLSearchParams({ comment: "" }));
  }
}
