/** What is personal in a discussion: one's own comments, recommendations and mutes. Fetched apart,
 *  so that the page itself is the same for everyone, and only if this browser has acted before. */

import { type Discussion, find, idOf, nameOf, part } from "./discussion.ts";
import { make } from "./html.ts";
import { itemOf, keepingPlace, place } from "./place.ts";

interface Mine {
  me: { id: string; name: string; role: string } | null;
  comments: { id: string; parent: string | null; html: string }[];
  recommended: string[];
  muted: string[];
}

export class Personal {
  #d: Discussion;
  #own = new Map<string, string>();
  #recommended = new Set<string>();
  #muted = new Set<string>();
  #shown = new Set<string>(); // comments of muted people that the reader looked at all the same
  me: Mine["me"] = null;

  constructor(d: Discussion) {
    this.#d = d;
  }

  /** Asks the server; quiet when it cannot be reached, for the page is whole without it. */
  async refresh(): Promise<void> {
    const { api, story } = this.#d;
    if (!api.known) return;
    const path = `/fragments/stories/${encodeURIComponent(story)}/mine`;
    const mine = await api.fragment(path).then((text) => JSON.parse(text) as Mine, () => null);
    if (!mine) return;
    this.me = mine.me;
    this.#own = new Map(mine.comments.map(({ id, html }) => [id, html]));
    this.#recommended = new Set(mine.recommended);
    this.#muted = new Set(mine.muted);
    keepingPlace(this.#d, () => this.#applyAll());
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
    for (const [id, html] of Array.from(this.#own).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const item = itemOf(this.#d, html);
      const waits = item.dataset.status === "held" || item.dataset.status === "rejected";
      if (find(this.#d, id) || waits) place(this.#d, item);
    }
    this.decorate(this.#d.root);
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
