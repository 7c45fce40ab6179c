/** <belowline-discussion story="…">: takes over the discussion that stands in it, or fetches it
 *  into a shadow root on other people's pages. */

import { ACTIONS, drawLines, recommend } from "./actions.ts";
import { exactly, keepAges, writeAges } from "./ages.ts";
import { Api } from "./api.ts";
import { handlers } from "./apply.ts";
import { Arrivals } from "./arrivals.ts";
import { Composer } from "./composer.ts";
import css from "./discussion.css";
import { type Discussion, find, focusOn, idOf } from "./discussion.ts";
import { focused, make, parse } from "./html.ts";
import { loadMore } from "./paging.ts";
import { nameParts } from "./parts.ts";
import { Personal } from "./personal.ts";
import { focusAgain, focusWithin, holdPlace, placeOf } from "./place.ts";
import { Presence } from "./presence.ts";
import { Stream } from "./stream.ts";
import { languageOf, Sentences, type Table } from "./strings.ts";
import { Wait } from "./wait.ts";

const OWN_ORIGIN = new URL(import.meta.url).origin;
const NEAR = "1200px"; // begins to load this far below the screen
const PAGES_BACK = 10; // so many pages are loaded again, at most, to find a reader's place

let sheet: CSSStyleSheet | undefined;

export class BelowlineDiscussionElement extends HTMLElement implements Discussion {
  static observedAttributes = ["story"];

  api!: Api;
  say!: Sentences;
  personal!: Personal;
  presence!: Presence;
  arrivals!: Arrivals;
  wait!: Wait;
  #root: HTMLElement | null = null;
  #composer: Composer | undefined;
  #stream: Stream | undefined;
  #life = new AbortController();

  get element(): HTMLElement {
    return this;
  }

  get story(): string {
    return this.getAttribute("story") ?? "";
  }

  get root(): HTMLElement {
    return this.#root as HTMLElement;
  }

  connectedCallback(): void {
    this.#life = new AbortController();
    this.say = new Sentences(this.dataset.lang ?? languageOf(this));
    this.api = new Api(OWN_ORIGIN, this.say.language);
    const here = (this.shadowRoot ?? this).querySelector<HTMLElement>(".bl-root");
    if (here) this.#begin(here);
    else this.#whenNear(() => void this.#first());
  }

  disconnectedCallback(): void {
    this.#life.abort();
  }

  attributeChangedCallback(_name: string, before: string | null): void {
    if (before === null || !this.shadowRoot || !this.isConnected) return;
    this.disconnectedCallback();
    this.shadowRoot.replaceChildren();
    this.connectedCallback();
  }

  enhance(ground: ParentNode): void {
    drawLines(this, ground);
    const above = ground instanceof HTMLElement && ground.closest<HTMLElement>(".bl-comment");
    if (above) drawLines(this, this.root);
    writeAges(ground, this.say);
    if (this.shadowRoot) nameParts(ground);
    this.personal.decorate(ground);
  }

  async load(order = this.root.dataset.order): Promise<void> {
    const same = order === this.root.dataset.order;
    const { single } = this.dataset;
    const html = single
      ? await this.api.fragment(`/comments/${single}`) // the whole page: its discussion is in it
      : await this.api.fragment(`/fragments/stories/${encodeURIComponent(this.story)}`, { order });
    const fresh = parse(html, this.api.origin).querySelector<HTMLElement>(".bl-root");
    if (!fresh) return;
    const reading = same ? placeOf(this) : null;
    const back = same ? holdPlace(this) : undefined;
    const putBack = this.#exchange(fresh);
    for (let page = 0; reading && page < PAGES_BACK && !find(this, reading); page++) {
      const more = this.root.querySelector<HTMLAnchorElement>(":scope > .bl-more");
      if (!more) break;
      await loadMore(this, more, true);
    }
    putBack();
    back?.();
    void this.personal.refresh();
  }

  /** On other people's pages: room is kept while the discussion is fetched. */
  async #first(): Promise<void> {
    const ground = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    sheet ??= makeSheet();
    ground.adoptedStyleSheets = [sheet];
    this.#state(ground, this.say.text("loading"));
    const path = `/fragments/stories/${encodeURIComponent(this.story)}`;
    try {
      const html = await this.api.fragment(path, { order: this.getAttribute("order") ?? undefined });
      const root = parse(html, this.api.origin).querySelector<HTMLElement>(".bl-root");
      if (!root) throw new TypeError("not a discussion");
      ground.replaceChildren(root);
      this.#begin(root);
    } catch {
      const retry = () => void this.#first();
      const button = make("button", { type: "button", class: "bl-quiet-button", click: retry }, this.say.text("retry"));
      this.#state(ground, this.say.text("failed"), " ", button);
    }
  }

  #state(ground: ShadowRoot, ...said: (Node | string)[]): void {
    const { language } = this.say;
    const line = make("p", { role: "status" }, ...said);
    const dir = language === "ar" ? "rtl" : "ltr";
    ground.replaceChildren(make("div", { class: "bl-root bl-state", lang: language, dir }, line));
  }

  #begin(root: HTMLElement): void {
    const { signal } = this.#life;
    const ground = this.shadowRoot ?? this;
    this.presence = new Presence(this);
    this.arrivals = new Arrivals(this);
    this.personal = new Personal(this, signal);
    this.wait = new Wait(this, signal);
    this.#adopt(root);
    ground.addEventListener("click", (event) => this.#clicked(event as MouseEvent), { signal });
    ground.addEventListener("submit", (event) => this.#submitted(event), { signal });
    ground.addEventListener("keydown", (event) => this.#key(event as KeyboardEvent), { signal });
    for (const name of ["pointerover", "focusin"]) {
      ground.addEventListener(name, (event) => this.#tellTime(event), { signal });
    }
    document.addEventListener("click", (event) => this.#closeMenus(event.composedPath()), { signal });
    window.addEventListener("hashchange", () => this.#goToAddress(), { signal });
    window.addEventListener("offline", () => this.#offline(true), { signal });
    window.addEventListener("online", () => this.#offline(false), { signal });
    keepAges(ground, this.say, signal);
    this.#goLive(signal);
    void this.personal.refresh().then(() => this.#goToAddress());
    this.dispatchEvent(new CustomEvent("belowline:ready", {
      detail: { story: this.story, count: Number(root.dataset.count) }, bubbles: true, composed: true,
    }));
  }

  /** Takes over a root, whether the server's or a fetched one. */
  #adopt(root: HTMLElement): void {
    this.#root = root;
    root.classList.add("bl-on");
    const strings = root.querySelector(".bl-strings")?.textContent;
    if (strings) this.say = new Sentences(root.lang, JSON.parse(strings) as Table);
    const form = root.querySelector<HTMLFormElement>(":scope > .bl-composer");
    root.querySelector<HTMLElement>(".bl-single > .bl-comment")?.setAttribute("data-full", "true");
    if (form && form !== this.#composer?.form) this.#composer = new Composer(this, form);
    this.enhance(root);
    this.wait.show();
  }

  /** Puts a fresh root in the place of the old one. What is being written moves over: the box above
   *  all at once, those below comments by the function returned, when their comments are there. */
  #exchange(fresh: HTMLElement): () => void {
    const old = this.root;
    const focus = focused(old) as HTMLElement | null;
    const within = focus && old.contains(focus) ? focus.closest<HTMLElement>(".bl-comment") : null;
    const which = within && focusWithin(within);
    const form = fresh.querySelector<HTMLElement>(":scope > .bl-composer");
    const open = Array.from(old.querySelectorAll<HTMLElement>(".bl-comment > .bl-inline"), (box) =>
      [idOf(box.parentElement as HTMLElement), box] as const);
    if (form && this.#composer) {
      this.#composer.adopt(form);
      form.replaceWith(this.#composer.form);
    }
    old.replaceWith(fresh);
    this.arrivals.clear();
    this.#adopt(fresh);
    this.#stream?.restart(fresh.dataset.version ?? "");
    return () => {
      for (const [id, box] of open) find(this, id)?.querySelector(":scope > .bl-body")?.after(box);
      if (focus && fresh.contains(focus)) focus.focus({ preventScroll: true });
      const again = within && find(this, idOf(within));
      if (again && typeof which === "string") focusAgain(again, which);
    };
  }

  #goLive(signal: AbortSignal): void {
    const address = (after: string) =>
      `${this.api.origin}/api/v1/stories/${encodeURIComponent(this.story)}/live` +
      `?after=${after}&lang=${this.api.language}`;
    this.#stream = new Stream(address, this.root.dataset.version ?? "0", handlers(this), signal);
  }

  #clicked(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>("a, button");
    if (!target || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (target.closest(".bl-orders")) return void this.#reorder(event, target as HTMLAnchorElement);
    for (const name of target.classList) {
      if (name in ACTIONS && ACTIONS[name]?.(this, target) !== false) event.preventDefault();
    }
  }

  #submitted(event: Event): void {
    const button = (event.target as Element).querySelector<HTMLElement>(".bl-recommend");
    if (!button) return;
    event.preventDefault();
    recommend(this, button);
  }

  #reorder(event: Event, link: HTMLAnchorElement): void {
    event.preventDefault();
    const { order } = link.dataset;
    link.setAttribute("aria-busy", "true");
    this.load(order).then(
      () => {
        this.root.querySelector<HTMLElement>(`.bl-orders [data-order="${order}"]`)?.focus();
        if (!this.shadowRoot) history.replaceState(history.state, "", link.href.split("#")[0]);
      },
      () => link.removeAttribute("aria-busy"),
    );
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    const menu = (event.target as Element).closest("details[open]");
    menu?.removeAttribute("open");
    menu?.querySelector("summary")?.focus();
  }

  #closeMenus(path: EventTarget[]): void {
    for (const menu of this.root.querySelectorAll(".bl-menu[open]")) {
      if (!path.includes(menu)) menu.removeAttribute("open");
    }
  }

  /** The exact time in the reader's zone, when somebody is about to ask for it. */
  #tellTime(event: Event): void {
    const time = (event.target as Element).closest(".bl-age")?.querySelector("time");
    if (time) time.title = exactly(time.dateTime, this.say.language);
  }

  #offline(is: boolean): void {
    const line = this.root.querySelector<HTMLElement>(":scope > .bl-offline");
    if (!line) return;
    line.hidden = !is;
    line.textContent = is ? this.say.text("offline") : "";
  }

  /** The comment that the page's address names: shown if it is here, offered if it is not. */
  #goToAddress(): void {
    const [, id] = /^#comment-(\w{13})$/.exec(location.hash) ?? [];
    if (!id || this.dataset.single) return;
    this.root.querySelector(":scope > .bl-elsewhere")?.remove();
    this.root.querySelector(".bl-target")?.classList.remove("bl-target");
    const comment = find(this, id);
    if (comment) {
      comment.classList.add("bl-target");
      return focusOn(comment);
    }
    const link = make("a", { href: `${this.api.origin}/comments/${id}` }, this.say.text("context"));
    this.root.querySelector(".bl-comments")?.before(
      make("p", { class: "bl-elsewhere" }, this.say.text("elsewhere"), " ", link),
    );
  }

  #whenNear(then: () => void): void {
    const watcher = new IntersectionObserver((seen) => {
      if (!seen.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      then();
    }, { rootMargin: NEAR });
    watcher.observe(this);
    this.#life.signal.addEventListener("abort", () => watcher.disconnect());
  }
}

function makeSheet(): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}
