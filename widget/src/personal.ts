/** What is personal in a discussion: one's own comments, recommendations and mutes. Fetched apart,
 *  so that the page itself is the same for everyone, and only if this browser has acted before. */

import { keepWhole } from "./actions.ts";
import { announce, type Discussion, find, idOf, nameOf, part } from "./discussion.ts";
import { make, parse } from "./html.ts";
import { itemOf, keepingPlace, place } from "./place.ts";

interface Mine {
  me: { id: string; name: string; role: string } | null;
  comments: { id: string; parent: string | null; html: string }[];
  recommended: string[];
  muted: string[];
  wait: number;
  told: string;
}

const AGE = /(<time [^>]*>)[^<]*/;
const SOON = 4000; // how long after asking it is asked again what became of a held comment
const LATEST = 60_000;
const SLOWER = 1.4;
const TAKEN_BACK = 300_000; // for so long after a decision it may be undone at the desk

export class Personal {
  #d: Discussion;
  #life: AbortSignal;
  #waiting = new Set<string>(); // one's own held comments
  #lately = new Map<string, number>(); // those decided while the page was open -> when
  #ask = 0;
  #pause = SOON;
  #own = new Map<string, string>();
  #drawn = new Map<string, string>(); // how each of them was put on the page, but for its age
  #recommended = new Set<string>();
  #muted = new Set<string>();
  #shown = new Set<string>(); // comments of muted people that the reader looked at all the same
  me: Mine["me"] = null;

  constructor(d: Discussion, life: AbortSignal) {
    this.#d = d;
    this.#life = life;
    life.addEventListener("abort", () => clearTimeout(this.#ask));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#waiting.size) void this.refresh();
    }, { signal: life });
  }

  /** Asks the server; quiet when it cannot be reached, for the page is whole without it. */
  async refresh(): Promise<void> {
    const { api, story } = this.#d;
    if (!api.known) return;
    const path = `/fragments/stories/${encodeURIComponent(story)}/mine`;
    const mine = await api.fragment(path).then((text) => JSON.parse(text) as Mine, () => null);
    if (!mine) return this.#askAgain();
    this.me = mine.me;
    this.#own = new Map(mine.comments.map(({ id, html }) => [id, html]));
    this.#recommended = new Set(mine.recommended);
    this.#muted = new Set(mine.muted);
    this.#d.wait.begin(mine.wait);
    keepingPlace(this.#d, () => {
      this.#tell(mine.told);
      this.#applyAll();
    });
    this.#askAgain();
  }

  /** What stops the reader or was said to them, above the box. */
  #tell(told: string): void {
    const place = this.#d.root.querySelector<HTMLElement>(":scope > .bl-told");
    if (!place || (place.dataset.html ?? place.innerHTML.trim()) === told) return;
    place.dataset.html = told;
    place.replaceChildren(parse(told, this.#d.api.origin));
  }

  /** What a moderator does with a held comment is told to nobody, so that it has no live event: its
   *  author's page asks, at first soon and then less and less often. */
  #askAgain(): void {
    clearTimeout(this.#ask);
    const lately = Array.from(this.#lately.values()).some((at) => Date.now() - at < TAKEN_BACK);
    if (this.#life.aborted || !(this.#waiting.size || lately)) return;
    this.#ask = window.setTimeout(() => document.hidden || void this.refresh(), this.#pause);
    this.#pause = Math.min(this.#pause * SLOWER, LATEST);
  }

  isMine(id: string, author = ""): boolean {
    return this.#own.has(id) || (!!author && author === this.me?.id);
  }

  isMuted(author: string): boolean {
    return this.#muted.has(author);
  }

  /** One's own comment as the server answered it. */
  keep(id: string, html: string): void {
    this.#own.set(id, html);
    this.#pause = SOON;
  }

  forget(id: string): void {
    this.#own.delete(id);
  }

  recommend(id: string, on: boolean): void {
    if (on) this.#recommended.add(id);
    else this.#recommended.delete(id);
  }

  mute(author: string, on: boolean): void {
    if (on) this.#muted.add(author);
    else this.#muted.delete(author);
    this.decorate(this.#d.root);
  }

  /** Marks what is personal below `ground`. */
  decorate(ground: ParentNode): void {
    const within = Array.from(ground.querySelectorAll<HTMLElement>(".bl-comment"));
    if (ground instanceof HTMLElement && ground.matches(".bl-comment")) within.push(ground);
    for (const comment of within) {
      const button = part(comment, ".bl-recommend");
      const on = this.#recommended.has(idOf(comment));
      if (button && this.me) button.setAttribute("aria-pressed", String(on));
      this.#hideMuted(comment);
    }
  }

  /** The reader's name where they are about to write. */
  showName(): void {
    const name = this.me?.name ?? "";
    for (const shown of this.#d.root.querySelectorAll(".bl-myname bdi")) {
      shown.textContent = name || this.#d.say.text("noName");
    }
    for (const link of this.#d.root.querySelectorAll(".bl-setname")) {
      link.textContent = this.#d.say.text(name ? "change" : "set");
    }
  }

  #applyAll(): void {
    if (this.me) this.showName();
    // Parents come before their replies: ids sort as comments were written.
    const waited = this.#waiting;
    this.#waiting = new Set();
    for (const [id, html] of Array.from(this.#own).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const item = itemOf(this.#d, html);
      const held = item.dataset.status === "held";
      if (held) this.#waiting.add(id);
      if (held && waited.has(id) && find(this.#d, id)) continue;
      this.#draw(id, html, item);
      if (held || !waited.has(id)) continue;
      this.#lately.set(id, Date.now());
      this.#pause = SOON;
      this.#tellDecided(id);
    }
    this.decorate(this.#d.root);
  }

  /** Puts one's own comment in its place; what has not changed is left alone, for the reader may be
   *  in the middle of it. */
  #draw(id: string, html: string, item: HTMLElement): void {
    const here = find(this.#d, id);
    const form = html.replace(AGE, "");
    const same = this.#drawn.get(id) === form;
    this.#drawn.set(id, form);
    if (here?.matches(".bl-mine") && same) return;
    if (!here && !/held|rejected/.test(item.dataset.status ?? "")) return;
    const placed = place(this.#d, item);
    if (placed) keepWhole(this.#d, placed);
  }

  #tellDecided(id: string): void {
    const comment = find(this.#d, id);
    const notice = comment && part(comment, ".bl-notice")?.textContent;
    if (notice) announce(this.#d, notice);
  }

  #hideMuted(comment: HTMLElement): void {
    const { author = "" } = comment.dataset;
    const id = idOf(comment);
    const mute = part(comment, ".bl-mute");
    const muted = this.#muted.has(author);
    if (mute) {
      const name = { name: nameOf(comment) };
      mute.textContent = this.#d.say.text(muted ? "unmute" : "mute", name);
    }
    comment.classList.toggle("bl-muted", muted && !this.#shown.has(id));
    if (muted && !part(comment, ".bl-mute-line")) {
      const show = () => {
        this.#shown.add(id);
        comment.classList.remove("bl-muted");
        part(comment, ".bl-age")?.focus();
      };
      const { say } = this.#d;
      comment.firstElementChild?.append(
        make("p", { class: "bl-mute-line" }, say.text("muted"), " · ",
          make("button", { type: "button", class: "bl-quiet-button", click: show }, say.text("show"))),
      );
    }
  }
}
