/** Deciding everything that a filter finds, part by part, so that readers' comments come through. */

import { send } from "./desk-form.ts";
import type { Sentences } from "./strings.ts";

interface Part {
  lines: string[];
  skipped: number;
  next: string;
}

export interface Bulk {
  decision: string;
  lines: string[];
}

export class Many {
  #say: Sentences;
  #dialog = document.querySelector<HTMLDialogElement>(".dk-bulk")!;
  #done: (bulk: Bulk) => void;
  #found = 0;
  #running = false;

  constructor(say: Sentences, done: (bulk: Bulk) => void) {
    this.#say = say;
    this.#done = done;
    this.#part(".dk-bulk-go").addEventListener("click", () => void this.#run());
    this.#part(".dk-bulk-decision").addEventListener("change", () => this.#label());
    this.#dialog.addEventListener("cancel", (event) => {
      if (this.#running) event.preventDefault();
    });
  }

  /** Asks first, with the number and the first of them. */
  ask(found: number, entries: readonly HTMLElement[]): void {
    this.#found = found;
    this.#part(".dk-bulk-examples").replaceChildren(...entries.slice(0, EXAMPLES).map(example));
    this.#label();
    this.#part(".dk-bulk-what").textContent = this.#say.counted("bulkAsk", found);
    this.#part(".dk-bulk-progress").textContent = "";
    this.#dialog.showModal();
  }

  /** The button says what it does, and to how many. */
  #label(): void {
    const approves = this.#part<HTMLSelectElement>(".dk-bulk-decision").value === "publish";
    const words = this.#say.counted(approves ? "bulkYes" : "bulkNo", this.#found);
    this.#part(".dk-bulk-go").textContent = words;
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const decision = this.#part<HTMLSelectElement>(".dk-bulk-decision").value;
    const lines: string[] = [];
    let skipped = 0;
    try {
      const before = idOfNow();
      for (let after = "", more = true; more; ) {
        const query = new URLSearchParams(location.search);
        for (const name of ["comment", "after", "done", "minutes", "lang"]) query.delete(name);
        const fields = { query: query.toString(), decision, before, after };
        const part = await send<Part>("/fragments/desk/bulk", fields);
        lines.push(...part.lines);
        skipped += part.skipped;
        after = part.next;
        more = !!part.next;
        this.#tell("bulkDone", { done: lines.length, left: this.#found - lines.length - skipped });
      }
      this.#dialog.close();
    } catch {
      this.#tell("unreachable", {});
    } finally {
      this.#running = false;
      if (lines.length) this.#done({ decision, lines });
    }
  }

  #tell(name: string, numbers: Record<string, number>): void {
    const said = Object.entries(numbers).map(([key, value]) => [
      key,
      this.#say.number(Math.max(0, value)),
    ]);
    this.#part(".dk-bulk-progress").textContent = this.#say.text(name, Object.fromEntries(said));
  }

  #part<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.#dialog.querySelector<T>(selector)!;
  }
}

/** A copy of what the list shows of a card: its author and how it begins, blurred as there. */
function example(entry: HTMLElement): HTMLLIElement {
  const item = document.createElement("li");
  const [name, text] = [".dk-line b", ".dk-excerpt"].map((part) => entry.querySelector(part)!);
  item.append(name!.cloneNode(true), " ", text!.cloneNode(true));
  return item;
}

const EXAMPLES = 3;
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The id that something written at this moment would have: what comes later is not meant. */
function idOfNow(): string {
  let number = BigInt(Date.now()) << 20n;
  let text = "";
  for (let place = 0; place < 13; place++) {
    text = LETTERS[Number(number & 31n)] + text;
    number >>= 5n;
  }
  return text;
}
