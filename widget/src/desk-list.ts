/** The list of cards: entries in the order of the queue, one of them current. */

import { parse } from "./html.ts";

export interface Place {
  entry: HTMLElement;
  before: Element | null;
}

export class CardList {
  readonly root: HTMLOListElement;

  constructor(root: HTMLOListElement) {
    this.root = root;
  }

  get entries(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>(":scope > .dk-entry")];
  }

  get more(): HTMLAnchorElement | null {
    return this.root.querySelector<HTMLAnchorElement>(":scope > .dk-more > a");
  }

  get current(): HTMLElement | null {
    return this.root.querySelector('.dk-pick[aria-current="true"]')?.closest("li") ?? null;
  }

  find(id: string): HTMLElement | null {
    return this.entries.find((entry) => entry.dataset.id === id) ?? null;
  }

  mark(entry: HTMLElement | null): void {
    this.current?.querySelector(".dk-pick")?.removeAttribute("aria-current");
    entry?.querySelector(".dk-pick")?.setAttribute("aria-current", "true");
    entry?.scrollIntoView({ block: "nearest" });
  }

  /** The next entry after `entry` that `free` lets through, or the one before it at the end. */
  neighbour(
    entry: HTMLElement,
    free: (entry: HTMLElement) => boolean = () => true,
  ): HTMLElement | null {
    const entries = this.entries;
    const at = entries.indexOf(entry);
    const following = entries.slice(at + 1).find(free);
    return following ?? entries[at + 1] ?? entries[at - 1] ?? null;
  }

  /** How many entries come after the current one. */
  get left(): number {
    const entries = this.entries;
    return entries.length - 1 - (this.current ? entries.indexOf(this.current) : -1);
  }

  get selected(): HTMLElement[] {
    return this.entries.filter((entry) => boxOf(entry).checked);
  }

  step(by: 1 | -1): HTMLElement | null {
    const entries = this.entries;
    const current = this.current;
    if (!current) return entries[0] ?? null;
    return entries[entries.indexOf(current) + by] ?? null;
  }

  /** Takes an entry out and remembers where it stood. */
  take(entry: HTMLElement): Place {
    const place = { entry, before: entry.nextElementSibling };
    entry.querySelector(".dk-pick")?.removeAttribute("aria-current");
    entry.remove();
    return place;
  }

  putBack({ entry, before }: Place): void {
    if (entry.isConnected || this.find(entry.dataset.id ?? "")) return;
    if (before?.parentNode === this.root) before.before(entry);
    else this.insert(entry);
  }

  /** Puts an entry where the queue has it: by the moment that stands for its urgency.
   *  One that belongs to a page not yet loaded comes with that page. */
  insert(entry: HTMLElement): boolean {
    const later = this.entries.find((other) => precedes(entry, other));
    if (later) later.before(entry);
    else if (this.more) return false;
    else this.root.append(entry);
    return true;
  }

  /** Puts an entry in the place of what it was; it stays selected while it says the same. */
  replace(old: HTMLElement, fresh: HTMLElement): void {
    const current = old === this.current;
    const same = old.dataset.revision === fresh.dataset.revision && waits(old) === waits(fresh);
    boxOf(fresh).checked = same && boxOf(old).checked;
    boxOf(fresh).parentElement!.hidden = boxOf(old).parentElement!.hidden;
    old.replaceWith(fresh);
    if (current) this.mark(fresh);
  }

  /** Appends a further page in the place of its link. */
  extend(html: string): void {
    this.root.querySelector(":scope > .dk-more")?.remove();
    for (const item of [...parse(html, location.origin).children]) {
      const id = (item as HTMLElement).dataset.id;
      if (!id || !this.find(id)) this.root.append(item);
    }
  }
}

export function entryOf(html: string): HTMLElement {
  const entry = parse(html, location.origin).querySelector<HTMLElement>(".dk-entry");
  if (!entry) throw new TypeError("the fragment holds no card");
  return entry;
}

/** A fresh copy of the detail that an entry carries. */
export function detailOf(entry: HTMLElement): DocumentFragment {
  const template = entry.querySelector("template");
  return document.importNode(template!.content, true);
}

export function boxOf(entry: HTMLElement): HTMLInputElement {
  return entry.querySelector<HTMLInputElement>(".dk-box input")!;
}

export function waits(entry: HTMLElement): boolean {
  return entry.dataset.waiting === "true";
}

function precedes(one: HTMLElement, other: HTMLElement): boolean {
  const [a, b] = [one.dataset, other.dataset];
  const between = Number(a.since) - Number(b.since);
  return between ? between < 0 : (a.id ?? "") < (b.id ?? "");
}
