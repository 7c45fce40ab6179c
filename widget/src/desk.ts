/** The moderators' desk: every action answers at once, is saved behind it, and can be undone. */

import { Api, Problem, withQuery } from "./api.ts";
import { code, Decisions, type Judgement } from "./desk-decisions.ts";
import { Keyboard } from "./desk-keys.ts";
import { CardList, detailOf, entryOf, type Place, waits } from "./desk-list.ts";
import { Stream } from "./stream.ts";
import { Sentences, type Table } from "./strings.ts";

const SWIPE = 72;
const STEEPEST = 0.5;

/** What stood on the page before a decision. */
interface Before extends Place {
  line: string;
  undone: boolean;
}

class Desk {
  #body = document.body;
  #api = new Api(location.origin, document.documentElement.lang);
  #say = new Sentences(document.documentElement.lang, table());
  #list = new CardList(one(".dk-list > ol"));
  #place = one(".dk-place");
  #bar = one(".dk-bar");
  #reject = one<HTMLDetailsElement>(".dk-reject");
  #note = one<HTMLTextAreaElement>(".dk-note textarea");
  #decisions = new Decisions<Before>(this.#api);
  #keyboard: Keyboard;
  #count = Number(one(".dk-count").dataset.count);
  #shown: HTMLElement | null = null;
  #earlier = one<HTMLInputElement>(".dk-undo [name=decision]").value;
  #extending: Promise<void> | undefined;

  constructor() {
    this.#shown = this.#list.current;
    for (const hidden of document.querySelectorAll<HTMLElement>(".dk-helper, .dk-steps")) {
      hidden.hidden = false;
    }
    this.#keyboard = new Keyboard({
      j: () => this.#step(1),
      k: () => this.#step(-1),
      ArrowDown: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      a: () => this.#decide("publish"),
      r: () => this.#openReasons(),
      z: () => this.#undo(),
      o: () => one<HTMLAnchorElement>(".dk-open").click(),
      "?": () => this.#help(),
      Escape: () => this.#escape(),
    });
    this.#keyboard.layer = (key) => this.#reason(key);
    this.#listen();
    this.#hear();
  }

  #hear(): void {
    new Stream(
      (after) => withQuery("/api/v1/desk/live", { after }),
      this.#body.dataset.version ?? "0",
      {
        card: (data: { id: string }) => void this.#reload(data.id),
        waiting: (data: { count: number }) => this.#countIs(data.count),
        reset: () => location.reload(),
      },
      new AbortController().signal,
    );
  }

  #listen(): void {
    this.#list.root.addEventListener("click", (event) => this.#picked(event));
    one(".dk-approve").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#decide("publish");
    });
    this.#reject.querySelector("form")!.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = (event as SubmitEvent).submitter;
      if (button instanceof HTMLButtonElement) this.#decide("reject", button);
    });
    one(".dk-undo").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#undo();
    });
    one(".dk-previous").addEventListener("click", () => this.#step(-1));
    one(".dk-next").addEventListener("click", () => this.#step(1));
    one(".dk-helper").addEventListener("click", () => this.#help());
    one(".dk-back a").addEventListener("click", (event) => this.#back(event));
    one(".dk-switch").addEventListener("change", (event) => {
      this.#keyboard.on = (event.target as HTMLInputElement).checked;
      this.#tell(this.#say.text(this.#keyboard.on ? "keysOn" : "keysOff"));
    });
    window.addEventListener("offline", () => this.#tell(this.#say.text("offline")));
    window.addEventListener("online", () => this.#tell(this.#say.text("online")));
    window.addEventListener("beforeunload", (event) => {
      if (this.#decisions.anyUnderway) event.preventDefault();
    });
    window.addEventListener("popstate", () => this.#body.setAttribute("data-view", "list"));
    swipes(this.#place, (by) => this.#step(by));
  }

  /** Whether the card that is shown can be decided. */
  get #undecided(): boolean {
    return !!this.#shown && waits(this.#shown);
  }

  // -- selecting ---------------------------------------------------------------------------

  #picked(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = (event.target as Element).closest("a");
    if (!link) return;
    event.preventDefault();
    const entry = link.closest<HTMLElement>(".dk-entry");
    if (!entry) {
      void this.#extend();
      return;
    }
    if (this.#body.dataset.view === "list" && narrow()) {
      this.#body.dataset.view = "card";
      history.pushState(null, "", link.href);
    }
    this.#select(entry);
  }

  #back(event: Event): void {
    event.preventDefault();
    this.#body.dataset.view = "list";
    history.replaceState(null, "", "/desk" + keptLanguage());
    this.#list.current?.querySelector<HTMLElement>(".dk-pick")?.focus();
  }

  #step(by: 1 | -1): void {
    const entry = this.#list.step(by);
    if (entry) {
      this.#select(entry);
    } else if (by === 1 && this.#list.more) {
      void this.#extend().then(() => {
        if (this.#list.step(1)) this.#step(1);
      });
    } else {
      this.#tell(this.#say.text(by === 1 ? "lastCard" : "firstCard"));
    }
  }

  /** Shows an entry's card. With nothing to show, the desk says that nothing waits. */
  #select(entry: HTMLElement | null, focus = true): void {
    const left = this.#shown;
    if (left && left !== entry && left.isConnected && !waits(left)) left.remove();
    this.#alarm("");
    this.#list.mark(entry);
    this.#show(entry);
    if (focus) this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
    if (!this.#list.step(1) && this.#list.more) void this.#extend();
  }

  #show(entry: HTMLElement | null): void {
    this.#shown = entry;
    this.#closeReasons();
    this.#place.replaceChildren(entry ? detailOf(entry) : "");
    one(".dk-pane").scrollTop = 0;
    if (narrow()) window.scrollTo(0, 0);
    one(".dk-empty").hidden = !!entry;
    this.#bar.hidden = !entry;
    one(".dk-approve").hidden = this.#reject.hidden = !this.#undecided;
    for (const form of this.#bar.querySelectorAll("form")) {
      field(form, "comment").value = entry?.dataset.id ?? "";
      field(form, "revision").value = entry?.dataset.revision ?? "";
    }
    if (!entry) this.#body.dataset.view = "card";
  }

  #extend(): Promise<void> {
    const link = this.#list.more;
    if (!link) return Promise.resolve();
    this.#extending ??= this.#load(link).finally(() => (this.#extending = undefined));
    return this.#extending;
  }

  async #load(link: HTMLAnchorElement): Promise<void> {
    this.#tell(this.#say.text("loadingMore"));
    try {
      const after = link.dataset.cursor;
      this.#list.extend(await this.#api.fragment("/fragments/desk/queue", { after }));
      this.#tell("");
      if (!this.#shown) this.#select(this.#list.entries[0] ?? null, false);
    } catch {
      this.#tell("");
      this.#alarm(this.#say.text("loadFailed"));
    }
  }

  // -- deciding ----------------------------------------------------------------------------

  #openReasons(): void {
    if (!this.#undecided) return;
    this.#reject.open = true;
    this.#reject.querySelector<HTMLButtonElement>(".dk-reasons button")?.focus();
  }

  #closeReasons(): void {
    this.#reject.open = false;
    this.#note.value = "";
  }

  /** While the reasons are open, a reason's key chooses it. */
  #reason(key: string): boolean {
    if (!this.#reject.open || !/^[0-9a-z]$/.test(key)) return false;
    const button = this.#reject.querySelector<HTMLButtonElement>(`[data-key="${key}"]`);
    if (!button) return key === "a"; // a slip must not approve what is being rejected
    this.#decide("reject", button);
    return true;
  }

  #decide(decision: "publish" | "reject", chosen?: HTMLButtonElement): void {
    const entry = this.#shown;
    if (!entry || !waits(entry)) return;
    const judgement: Judgement = {
      id: entry.dataset.id ?? "",
      revision: Number(entry.dataset.revision),
      decision,
      reason: chosen?.value ?? "",
      note: chosen ? this.#note.value.trim() : "",
    };
    const line = chosen
      ? this.#say.text("rejected", { reason: chosen.dataset.words ?? "" })
      : this.#say.text("approved");
    const next = this.#list.neighbour(entry);
    const before = { ...this.#list.take(entry), line, undone: false };
    this.#countIs(this.#count - 1);
    this.#alarm("");
    this.#tell(this.#say.text("saving"));
    const sent = this.#decisions.decide(judgement, before);
    this.#undoLine(line);
    this.#select(next);
    sent.then(
      () => this.#saved(judgement.id, before),
      (problem) => this.#failed(problem, before, judgement.id),
    );
  }

  async #saved(id: string, before: Before): Promise<void> {
    await this.#decisions.settled(id);
    if (before.undone) return; // the undo says what became of it
    this.#tell(this.#say.text(this.#decisions.anyUnderway ? "saving" : "saved"));
  }

  #failed(problem: unknown, before: Before, id: string): void {
    if (before.undone) return; // it is back already, and nothing has to be taken back
    this.#tell("");
    this.#undoLine(this.#decisions.last?.place.line ?? "");
    this.#countIs(this.#count + 1);
    this.#putBack(before);
    const why = code(problem);
    if (why === "outdated") {
      void this.#reload(id, this.#say.text("outdated"));
    } else if (why === "withdrawn" || why === "comment_unknown") {
      this.#alarm((problem as Problem).message);
      void this.#reload(id);
    } else {
      this.#alarm(this.#say.text("notSaved", { why: this.#because(problem) }));
    }
  }

  /** Puts a card back and shows it, unless somebody is busy with another one's reasons. */
  #putBack(place: Place): void {
    this.#list.putBack(place);
    const entry = this.#list.find(place.entry.dataset.id ?? "");
    if (entry && !this.#reject.open) this.#select(entry);
  }

  #undo(): void {
    const undone = this.#decisions.undo();
    if (!undone) {
      void this.#undoEarlier();
      return;
    }
    const { made, done } = undone;
    made.place.undone = true;
    this.#undoLine(this.#decisions.last?.place.line ?? "");
    this.#tell(this.#say.text("takingBack"));
    this.#countIs(this.#count + 1);
    this.#closeReasons();
    this.#putBack(made.place);
    done.then(
      () => this.#tell(this.#say.text("takenBack")),
      (problem) => {
        this.#tell("");
        this.#alarm(this.#say.text("undoFailed", { why: this.#because(problem) }));
        void this.#reload(made.judgement.id);
      },
    );
  }

  /** Takes back what was decided before this page was loaded. */
  async #undoEarlier(): Promise<void> {
    const number = this.#earlier;
    this.#earlier = "";
    this.#undoLine("");
    if (!number) {
      this.#tell(this.#say.text("nothingToUndo"));
      return;
    }
    this.#tell(this.#say.text("takingBack"));
    try {
      await this.#api.json(`/api/v1/desk/decisions/${number}`, { method: "DELETE" });
      this.#tell(this.#say.text("takenBack"));
    } catch (problem) {
      this.#tell("");
      this.#alarm(this.#say.text("undoFailed", { why: this.#because(problem) }));
    }
  }

  #because(problem: unknown): string {
    const said = problem instanceof Problem && problem.message;
    return said || this.#say.text("unreachable");
  }

  // -- live --------------------------------------------------------------------------------

  /** Something about a comment has changed: its card is read anew. */
  async #reload(id: string, warning = ""): Promise<void> {
    await this.#decisions.settled(id);
    try {
      const html = await this.#api.fragment(`/fragments/desk/cards/${id}`);
      if (this.#decisions.busy(id)) await this.#reload(id, warning);
      else this.#renew(id, entryOf(html), warning);
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 404) this.#vanished(id);
      else if (warning) this.#alarm(warning);
    }
  }

  #renew(id: string, fresh: HTMLElement, warning: string): void {
    const old = this.#list.find(id);
    const shown = this.#shown?.dataset.id === id;
    const stale = !!old && old.dataset.revision !== fresh.dataset.revision;
    if (!old) {
      if (waits(fresh)) this.#arrived(fresh);
    } else if (waits(fresh) || shown) {
      this.#list.replace(old, fresh);
    } else {
      old.remove();
    }
    if (warning) this.#alarm(warning);
    if (!shown || !old) return;
    const reading = this.#place.contains(document.activeElement);
    if (stale && !warning) this.#alarm(this.#say.text("edited"));
    if (!waits(fresh)) this.#tell(this.#say.text("alreadyDecided"));
    const changed = stale || waits(fresh) !== waits(old);
    if (changed) this.#show(fresh);
    else this.#refresh(fresh);
    if (reading) this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
  }

  /** The same text with new surroundings, such as one report more: an open choice stays open. */
  #refresh(fresh: HTMLElement): void {
    this.#shown = fresh;
    this.#place.replaceChildren(detailOf(fresh));
  }

  #arrived(fresh: HTMLElement): void {
    const placed = this.#list.insert(fresh);
    if (placed && !this.#shown) this.#select(fresh, false);
  }

  #vanished(id: string): void {
    const entry = this.#list.find(id);
    if (!entry) return;
    if (this.#shown !== entry) {
      entry.remove();
      return;
    }
    const next = this.#list.neighbour(entry);
    entry.remove();
    this.#select(next);
    this.#alarm(this.#say.text("gone"));
  }

  // -- saying ------------------------------------------------------------------------------

  #countIs(count: number): void {
    this.#count = Math.max(0, count);
    const place = one(".dk-count");
    const title = document.title.replace(/^\([^)]*\) /, "");
    place.textContent = this.#say.counted("waiting", this.#count);
    document.title = this.#count ? `(${this.#say.number(this.#count)}) ${title}` : title;
  }

  #tell(sentence: string): void {
    one(".dk-status").textContent = sentence;
  }

  #alarm(sentence: string): void {
    const line = one(".dk-problem");
    line.textContent = sentence;
    line.hidden = !sentence;
  }

  #undoLine(line: string): void {
    one(".dk-done").textContent = line;
    one(".dk-undo").hidden = !line;
  }

  #help(): void {
    one<HTMLInputElement>(".dk-switch").checked = this.#keyboard.on;
    one<HTMLDialogElement>(".dk-keys").showModal();
  }

  #escape(): void {
    if (this.#reject.open) {
      this.#closeReasons();
      this.#reject.querySelector("summary")?.focus();
    } else if (!one(".dk-problem").hidden) {
      this.#alarm("");
    } else if (this.#body.dataset.view === "card" && narrow()) {
      one<HTMLAnchorElement>(".dk-back a").click();
    }
  }
}

function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new TypeError(`the desk has no ${selector}`);
  return found;
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}

function table(): Table {
  return JSON.parse(one(".dk-strings").textContent ?? "{}") as Table;
}

function narrow(): boolean {
  return !matchMedia("(min-width: 50rem)").matches;
}

function keptLanguage(): string {
  const language = new URLSearchParams(location.search).get("lang");
  return language ? `?lang=${encodeURIComponent(language)}` : "";
}

/** A wide and flat stroke of one finger goes to the next card or, the other way, back. */
function swipes(element: HTMLElement, step: (by: 1 | -1) => void): void {
  let from: Touch | undefined;
  element.addEventListener(
    "touchstart",
    (event) => (from = event.touches.length === 1 ? event.touches[0] : undefined),
    { passive: true },
  );
  element.addEventListener("touchend", (event) => {
    const to = event.changedTouches[0];
    if (!from || !to || getSelection()?.toString()) return;
    const [x, y] = [to.clientX - from.clientX, to.clientY - from.clientY];
    from = undefined;
    if (Math.abs(x) < SWIPE || Math.abs(y) > STEEPEST * Math.abs(x)) return;
    const forward = document.documentElement.dir === "rtl" ? x > 0 : x < 0;
    step(forward ? 1 : -1);
  });
}

new Desk();
