/** <belowline-count story="…">: the number of a story's comments; one request for all of a page. */

import { languageOf, Sentences } from "./strings.ts";

const AT_ONCE = 50;
const OWN_ORIGIN = new URL(import.meta.url).origin;

let waiting = new Set<BelowlineCountElement>();

/** Attributes: `story`, the key; `number`, to show nothing but the number; `count`, the number when
 *  the page knows it already. */
export class BelowlineCountElement extends HTMLElement {
  static observedAttributes = ["count"];

  get story(): string {
    return this.getAttribute("story") ?? "";
  }

  connectedCallback(): void {
    if (this.hasAttribute("count")) return;
    if (!waiting.size) queueMicrotask(() => void askForAll());
    waiting.add(this);
  }

  attributeChangedCallback(_name: string, before: string | null): void {
    const n = Number(this.getAttribute("count"));
    const say = new Sentences(languageOf(this));
    // What the server wrote stays until another number comes.
    if (before === null && this.textContent?.trim()) return;
    this.textContent = this.hasAttribute("number") ? say.number(n) : say.counted("comments", n);
  }
}

/** Every count of this story on the page now says `n`. */
export function showCount(story: string, origin: string, n: number): void {
  if (origin !== OWN_ORIGIN) return;
  for (const element of document.querySelectorAll<BelowlineCountElement>("belowline-count")) {
    if (element.story === story) element.setAttribute("count", String(n));
  }
}

async function askForAll(): Promise<void> {
  const elements = Array.from(waiting);
  waiting = new Set();
  const stories = [...new Set(elements.map((element) => element.story))];
  for (let i = 0; i < stories.length; i += AT_ONCE) {
    const counts = await ask(stories.slice(i, i + AT_ONCE));
    for (const element of elements) {
      const n = counts[element.story];
      if (n !== undefined) element.setAttribute("count", String(n));
    }
  }
}

async function ask(stories: string[]): Promise<Record<string, number>> {
  const query = new URLSearchParams(stories.map((story) => ["story", story]));
  const address = `${OWN_ORIGIN}/api/v1/counts?${query}`;
  try {
    const answer = await fetch(address, { credentials: "omit" });
    return answer.ok ? ((await answer.json()) as Record<string, number>) : {};
  } catch {
    return {}; // a list of articles is whole without numbers
  }
}
