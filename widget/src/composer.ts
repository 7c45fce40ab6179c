/** The box to write in. It never loses a text: drafts outlive the tab, and the box is only emptied
 *  when the server has what was in it. */

import { keep, newKey, Problem, stored, type Written } from "./api.ts";
import { announce, type Discussion, focusOn, said } from "./discussion.ts";
import { make } from "./html.ts";
import { itemOf, place } from "./place.ts";
import { solve, UNABLE } from "./proof.ts";

interface Draft {
  text: string;
  key: string;
}

const NEAR = 0.9; // from this share of the limit on, the characters left are shown

export class Composer {
  readonly form: HTMLFormElement;
  readonly parent: string;
  #d: Discussion;
  #text: HTMLTextAreaElement;
  #status: HTMLElement;
  #draft: Draft;
  #sending = false;
  #kept = false;
  #done: ((placed: HTMLElement | null) => void) | undefined;

  /** Takes over a form. `done` is called when a reply was sent and its box may go. */
  constructor(
    d: Discussion,
    form: HTMLFormElement,
    parent = "",
    done?: (placed: HTMLElement | null) => void,
  ) {
    this.#d = d;
    this.form = form;
    this.parent = parent;
    this.#done = done;
    this.#text = form.querySelector("textarea") as HTMLTextAreaElement;
    this.#status = form.querySelector(".bl-status") as HTMLElement;
    this.#text.removeAttribute("maxlength"); // the limit is said, not enforced by losing letters
    this.#draft = this.#restored();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("blur", () => d.presence.stopped(parent));
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  focus(): void {
    this.#text.focus();
  }

  /** Takes over what a fresh form of the server's says about writing here. */
  adopt(form: HTMLElement): void {
    const { slow } = form.dataset;
    if (slow) this.form.dataset.slow = slow;
    else delete this.form.dataset.slow;
    const said = form.querySelector(".bl-below")?.cloneNode(true);
    if (said) this.form.querySelector(".bl-below")?.replaceWith(said);
    this.#showLeft(this.#text.value);
  }

  async send(): Promise<void> {
    const text = this.#text.value;
    if (this.#sending || !text.trim() || !this.#allowed(text)) return;
    if (text !== this.#draft.text) this.#draft = { text, key: newKey() };
    this.#save();
    this.#busy(true);
    this.#say(this.#d.say.text("sending"));
    this.#d.presence.stopped(this.parent);
    try {
      this.#received(await this.#post(text), text);
    } catch (problem) {
      this.#refused(problem);
    } finally {
      this.#busy(false);
    }
  }

  async #post(text: string): Promise<Written> {
    const { api, story } = this.#d;
    const path = `/api/v1/stories/${encodeURIComponent(story)}/comments?html=${api.language}`;
    // Elsewhere, the first comment brings the story along: nobody else tells the server of it.
    const page = { url: location.href.split("#")[0], title: document.title };
    const asDesk = this.form.querySelector<HTMLInputElement>("[name=as_desk]")?.checked;
    const body = {
      text,
      ...(this.parent && { parent: this.parent }),
      ...(!api.home && { page }),
      ...(asDesk && { as_desk: true }),
    };
    const { key } = this.#draft;
    const write = (proof: string) => {
      const sender = { homepage: this.#field("homepage"), stamp: this.#stamp, proof };
      return api.write<Written>(path, { method: "POST", body: { ...body, sender }, key });
    };
    try {
      return await write("");
    } catch (problem) {
      const asked = problem instanceof Problem && problem.challenge;
      if (!asked) throw problem;
      this.#say(this.#d.say.text("proving"));
      return await write(await solve(asked)).catch((again: unknown) => {
        if (again instanceof Problem && again.challenge) return write(UNABLE);
        throw again;
      });
    }
  }

  #field(name: string): string {
    return this.form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "";
  }

  /** When the form was made, unless its text is older: who only sends it may be quick. */
  get #stamp(): string {
    return this.#kept ? "" : this.#field("stamp");
  }

  /** The page that embeds us may have something against it: a paywall, a wish to sign in. */
  #allowed(text: string): boolean {
    const detail = { story: this.#d.story, parent: this.parent || null, text };
    return this.#d.element.dispatchEvent(
      new CustomEvent("belowline:before-post",
        { detail, bubbles: true, composed: true, cancelable: true }),
    );
  }

  #received({ comment, message, html }: Written, text: string): void {
    const d = this.#d;
    if (this.#text.value === text) this.#text.value = "";
    this.#draft = { text: "", key: newKey() };
    this.#save();
    this.#grow();
    d.personal.keep(comment.id, html);
    d.arrivals.drop(comment.id);
    const placed = place(d, itemOf(d, html));
    this.#say(message);
    announce(d, message);
    this.#done?.(placed);
    d.wait.begin(Number(this.form.dataset.slow ?? 0));
    d.element.dispatchEvent(
      new CustomEvent("belowline:posted", { detail: comment, bubbles: true, composed: true }),
    );
    void d.personal.refresh();
  }

  #refused(problem: unknown): void {
    if (problem instanceof Problem && problem.final) {
      this.#draft.key = newKey(); // the server has answered: another try is another intention
      this.#save();
      this.#say(make("span", { class: "bl-problem" }, ...said(this.#d, problem)));
      this.#text.focus();
      if (problem.code === "too_soon") void this.#d.personal.refresh();
      return;
    }
    const { say } = this.#d;
    const again = make("button", { type: "button", click: () => void this.send() }, say.text("retry"));
    const why = problem instanceof Problem && problem.message;
    const sentence = why ? `${why} ${say.text("kept")}` : say.text("notSent");
    this.#say(make("span", { class: "bl-problem" }, sentence), " ", again);
  }

  #typed(): void {
    if (this.#text.value.trim()) this.#d.presence.typing(this.parent);
    else this.#d.presence.stopped(this.parent);
    if (!this.#sending) this.#say();
    this.#grow();
    this.#save();
  }

  #grow(): void {
    const { style, value } = this.#text;
    if (!CSS.supports("field-sizing", "content")) {
      style.height = "auto";
      if (value) style.height = `${this.#text.scrollHeight + 2}px`;
    }
    this.#showLeft(value);
  }

  #showLeft(value: string): void {
    const line = this.form.querySelector(".bl-left");
    const limit = Number(this.form.dataset.max ?? 0);
    if (!line || !limit) return;
    const left = value.length < limit * NEAR ? limit : limit - Array.from(value).length;
    const near = left < limit * (1 - NEAR);
    line.textContent = near
      ? this.#d.say.counted(left < 0 ? "over" : "left", Math.abs(left))
      : "";
    line.classList.toggle("bl-over", left < 0);
  }

  get #place(): string {
    return `belowline:draft:${this.#d.story}:${this.parent}`;
  }

  /** Kept only once there is something to keep. */
  #save(): void {
    const text = this.#text.value;
    const key = text === this.#draft.text ? this.#draft.key : "";
    keep(this.#place, text.trim() ? JSON.stringify({ text, key }) : null);
  }

  #restored(): Draft {
    const draft = { text: "", key: newKey() };
    try {
      Object.assign(draft, JSON.parse(stored(this.#place) ?? "{}"));
    } catch {
      // not ours, or cut off
    }
    if (draft.text && !this.#text.value) this.#text.value = draft.text;
    this.#kept = draft.text !== "";
    draft.key ||= newKey();
    this.#grow();
    return draft;
  }

  #busy(sending: boolean): void {
    this.#sending = sending;
    this.form.querySelector(".bl-send")?.setAttribute("aria-disabled", String(sending));
    this.form.toggleAttribute("aria-busy", sending);
  }

  #say(...what: (Node | string)[]): void {
    this.#status.replaceChildren(...what);
  }
}

/** A box below a comment, made like the one above all of them. Null where nobody may write. */
export function replyBox(d: Discussion, comment: HTMLElement, id: string, name: string): Composer | null {
  const model = d.root.querySelector<HTMLFormElement>(":scope > .bl-composer");
  if (!model) return null;
  const form = model.cloneNode(true) as HTMLFormElement;
  const text = form.querySelector("textarea") as HTMLTextAreaElement;
  const label = d.say.text("reply", { name });
  text.value = "";
  text.style.height = "";
  text.placeholder = label;
  text.setAttribute("aria-label", label);
  form.querySelector(".bl-status")?.replaceChildren();
  form.querySelector(".bl-left")?.replaceChildren();
  form.classList.add("bl-inline");
  comment.insertBefore(form, comment.querySelector(":scope > .bl-body")?.nextSibling ?? null);
  d.wait.show();
  const close = (placed: HTMLElement | null) => {
    form.remove();
    focusOn(placed);
  };
  return new Composer(d, form, id, close);
}
