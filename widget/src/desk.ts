/** The moderators' desk: every action answers at once, is saved behind it, and can be undone. */

import { Api, Problem, withQuery } from "./api.ts";
import { Care } from "./desk-care.ts";
import { code, Decisions, type Judgement, type Made, UNDO_FOR } from "./desk-decisions.ts";
import { send } from "./desk-form.ts";
import { Keyboard } from "./desk-keys.ts";
import { boxOf, CardList, detailOf, entryOf, type Place, waits } from "./desk-list.ts";
import { type Bulk, Many } from "./desk-many.ts";
import { impose, lift, Measures, type Wanted } from "./desk-measures.ts";
import { type Stroke, Strokes } from "./desk-strokes.ts";
import { Looking } from "./desk-together.ts";
import { parse } from "./html.ts";
import { Stream } from "./stream.ts";
import { Sentences, type Table } from "./strings.ts";

const SWIPE = 72;
const STEEPEST = 0.5;
const AHEAD = 15; // cards that are there before they are needed, at three keys a second
const RECOUNT = 2_000;
const UNDO_AT_ONCE = 200;

/** What stood on the page before a decision. */
interface Before extends Place {
  line: string;
  undone: boolean;
  counted: boolean;
  hard: boolean;
}

/** What was decided before this page was loaded or by one question about many, or a measure. */
interface Earlier {
  line: string;
  numbers: string[];
  measure: string;
  at: number;
  comment: string; // "" when it was about many, or about an author
  asked: boolean; // an editor, to decide it
  stroke: string; // by which many were decided, "" for one
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
  #escalation = one<HTMLDetailsElement>(".dk-escalate");
  #decisions = new Decisions<Before>(this.#api);
  #keyboard: Keyboard;
  #count = Number(one(".dk-count").dataset.count);
  #shown: HTMLElement | null = null;
  #earlier: Earlier[];
  #extending: Promise<void> | undefined;
  #looking: Looking;
  #care: Care;
  #many: Many;
  #measures: Measures;
  #group = 0;
  #strokes = new Strokes(document.body.dataset.me ?? "");
  #loaded = Date.now();
  #asked = false; // whether what is selected is to be approved
  #ofOne = one(".dk-because").textContent ?? "";
  #recount = 0;

  constructor() {
    this.#shown = this.#list.current;
    this.#earlier = joined(earlier(), this.#strokes.all);
    const helpers = ".dk-helper, .dk-hint, .dk-steps, .dk-box, .dk-replies, .dk-keep";
    for (const hidden of document.querySelectorAll<HTMLElement>(helpers)) hidden.hidden = false;
    this.#care = new Care(this.#api, this.#say, Number(this.#body.dataset.minutes));
    this.#many = new Many(this.#say, (bulk) => this.#swept(bulk));
    this.#measures = new Measures((wanted) => void this.#impose(wanted));
    this.#measures.at(this.#shown);
    this.#undoLine(this.#lastLine());
    this.#looking = new Looking(this.#body.dataset.me ?? "", (id, name) => this.#taken(id, name));
    for (const entry of this.#list.entries) this.#hearLock(entry);
    this.#keyboard = new Keyboard({
      j: () => this.#step(1),
      k: () => this.#step(-1),
      ArrowDown: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      a: () => this.#approve(),
      r: () => this.#openReasons(),
      z: () => this.#undo(),
      e: () => this.#openEscalation(),
      m: () => this.#measure("mute"),
      n: () => this.#measure("ban"),
      o: () => document.querySelector<HTMLAnchorElement>(".dk-open")?.click(),
      p: () => this.#openThread(),
      u: () => document.querySelector<HTMLAnchorElement>(".dk-author-link")?.click(),
      c: () => this.#openCampaign(),
      h: () => this.#unveil(),
      t: () => void this.#assign(),
      s: () => this.#toggle(this.#shown),
      "*": () => this.#toggleAll(),
      b: () => this.#askMany(),
      "/": () => one<HTMLInputElement>(".dk-find [type=search]").focus(),
      f: () => this.#openFilter(),
      "?": () => this.#help(),
      Escape: () => this.#escape(),
    });
    this.#keyboard.layer = (key) => this.#measures.key(key) || this.#reason(key);
    this.#listen();
    this.#hear();
    this.#looking.at(this.#shown?.dataset.id ?? "");
    this.#labels();
  }

  #hear(): void {
    new Stream(
      (after) => withQuery("/api/v1/desk/live", { after }),
      this.#body.dataset.version ?? "0",
      {
        card: (data: { id: string }) => void this.#reload(data.id),
        looking: (data: { id: string; user: string; name: string }) =>
          this.#looking.hears(data.id, data.user, data.name || this.#say.text("noName")),
        waiting: (data: { count: number }) => this.#countIs(data.count),
        staff: (data: { user: string }) => {
          if (data.user === this.#body.dataset.me) location.reload();
        },
        reset: () => location.reload(),
      },
      new AbortController().signal,
    );
  }

  #listen(): void {
    this.#list.root.addEventListener("click", (event) => this.#picked(event));
    one(".dk-approve").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#approve();
    });
    one(".dk-escalate").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#escalate();
    });
    this.#place.addEventListener("click", (event) => {
      if ((event.target as Element).closest(".dk-unveil")) this.#unveil();
    });
    one(".dk-many-yes").addEventListener("click", () => this.#approve());
    one(".dk-many-no").addEventListener("click", () => this.#openReasons());
    one(".dk-many-none").addEventListener("click", () => this.#selectNone());
    this.#list.root.addEventListener("change", () => this.#labels());
    this.#place.addEventListener("toggle", (event) => void this.#thread(event.target), true);
    this.#place.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#assign();
    });
    document.querySelector(".dk-bulk-link")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.#askMany();
    });
    for (const reply of document.querySelectorAll<HTMLButtonElement>(".dk-reply")) {
      reply.addEventListener("click", () => this.#answerWith(reply.dataset.text ?? ""));
    }
    one(".dk-keep-save").addEventListener("click", () => void this.#keepReply());
    this.#reject.querySelector("form")!.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = (event as SubmitEvent).submitter;
      if (button instanceof HTMLButtonElement) this.#rejectFor(button);
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

  /** Whether the card that is shown can be approved or rejected. */
  #can(decision: "publish" | "reject"): boolean {
    return !!this.#shown && mayBecome(this.#shown, decision);
  }

  // -- selecting ---------------------------------------------------------------------------

  #picked(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if ((event.target as Element).closest(".dk-box")) return;
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
      if (!this.#decisions.anyUnderway) this.#tell("");
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
    const gone = this.#body.dataset.plain === "1" && !!left && !waits(left);
    if (left && left !== entry && left.isConnected && gone) left.remove();
    this.#alarm("");
    this.#list.mark(entry);
    this.#show(entry);
    this.#looking.at(entry?.dataset.id ?? "");
    if (focus) this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
    if (this.#list.left < AHEAD && this.#list.more) void this.#extend();
  }

  #show(entry: HTMLElement | null): void {
    this.#shown = entry;
    this.#closeReasons();
    this.#closeEscalation();
    this.#measures.at(entry);
    this.#place.replaceChildren(entry ? detailOf(entry) : "");
    one(".dk-pane").scrollTop = 0;
    if (narrow()) window.scrollTo(0, 0);
    one(".dk-empty").hidden = !!entry || !!this.#list.more;
    this.#bar.hidden = !entry;
    one(".dk-approve").hidden = !this.#can("publish");
    this.#reject.hidden = !this.#can("reject");
    this.#escalation.hidden = !this.#mayEscalate;
    one(".dk-changed").hidden = true;
    this.#care.veil();
    for (const form of this.#bar.querySelectorAll<HTMLFormElement>("form:has([name=comment])")) {
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
      const wanted = Object.fromEntries(filter());
      this.#list.extend(await this.#api.fragment("/fragments/desk/queue", { ...wanted, after }));
      this.#dress();
      this.#tell("");
      if (!this.#shown) this.#select(this.#list.entries[0] ?? null, false);
    } catch {
      this.#tell("");
      this.#alarm(this.#say.text("loadFailed"));
    }
  }

  // -- deciding ----------------------------------------------------------------------------

  #openReasons(): void {
    if (!this.#can("reject") && !this.#list.selected.length) return;
    this.#labels(); // whoever was about to approve is not any more
    const many = this.#chosen("reject").length;
    one(".dk-because").textContent =
      many > 1 ? this.#say.counted("rejectAsk", many) : this.#ofOne;
    this.#measures.close();
    this.#closeEscalation();
    this.#reject.hidden = false;
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
    this.#rejectFor(button);
    return true;
  }

  /** Approves; of several that are selected it asks first, with their number. */
  #approve(): void {
    const many = this.#chosen("publish").length;
    if (many < 2 || this.#asked) {
      this.#judge("publish");
      return;
    }
    this.#asked = true;
    one(".dk-selected").textContent = this.#say.counted("approveAsk", many);
    one(".dk-live").textContent = this.#say.counted("approveAsk", many);
    one(".dk-many-yes").focus();
  }

  /** What is selected and can become that. */
  #chosen(decision: "publish" | "reject"): HTMLElement[] {
    return this.#list.selected.filter((entry) => mayBecome(entry, decision));
  }

  #rejectFor(button: HTMLButtonElement): void {
    this.#judge("reject", button);
  }

  /** Decides what is selected, or the card that is shown. */
  #judge(decision: "publish" | "reject", chosen?: HTMLButtonElement): void {
    const selected = this.#chosen(decision);
    const group = ++this.#group;
    if (!selected.length) {
      if (this.#shown && mayBecome(this.#shown, decision)) {
        this.#decide(this.#shown, decision, group, chosen);
      }
      return;
    }
    const name = decision === "publish" ? "approvedMany" : "rejectedMany";
    const line = this.#say.counted(name, selected.length);
    for (const entry of selected) {
      boxOf(entry).checked = false;
      this.#decide(entry, decision, group, chosen, line);
    }
    this.#labels();
    this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
  }

  #decide(
    entry: HTMLElement,
    decision: "publish" | "reject",
    group: number,
    chosen?: HTMLButtonElement,
    many?: string,
  ): void {
    const judgement: Judgement = {
      id: entry.dataset.id ?? "",
      revision: Number(entry.dataset.revision),
      decision,
      reason: chosen?.value ?? "",
      note: chosen ? this.#note.value.trim() : "",
      status: entry.dataset.second ? "" : (entry.dataset.status ?? ""),
      second: entry.dataset.second ?? "",
    };
    const line =
      many ??
      (chosen
        ? this.#say.text("rejected", { reason: chosen.dataset.words ?? "" })
        : this.#say.text("approved"));
    const free = (other: HTMLElement) => !this.#looking.isTaken(other.dataset.id ?? "");
    const next = this.#list.neighbour(entry, free);
    const counted = waits(entry) && !judgement.second;
    const hard = decision === "reject" && entry.dataset.hard === "1";
    const before = { ...this.#list.take(entry), line, undone: false, counted, hard };
    if (counted) this.#countIs(this.#count - 1);
    this.#alarm("");
    this.#tell(this.#say.text("saving"));
    const sent = this.#decisions.decide(judgement, before, group);
    if (!judgement.second) this.#undoLine(line);
    if (many) void this.#keepStroke(sent, before, group);
    if (entry === this.#shown) this.#select(next);
    this.#announce(line, this.#shown);
    this.#care.decided(hard);
    sent.then(
      (answer) => this.#saved(judgement, before, answer),
      (problem) => this.#failed(problem, before, judgement.id),
    );
  }

  async #keepStroke(sent: Promise<string | null>, before: Before, group: number): Promise<void> {
    const number = await sent.catch(() => null);
    if (number && !before.undone) this.#strokes.add(this.#stroke(group), before.line, [number]);
  }

  #stroke(group: number): string {
    return `${this.#loaded}-${group}`;
  }

  /** For those who listen: what was done, and what is next. */
  #announce(line: string, entry: HTMLElement | null): void {
    const name = entry?.querySelector(".dk-line bdi")?.textContent ?? "";
    const veiled = !!entry?.querySelector(".dk-veil") && this.#care.veils;
    const text = veiled ? "" : (entry?.querySelector(".dk-excerpt")?.textContent ?? "");
    const next = entry ? this.#say.text("next", { name, text }) : this.#say.text("nothing");
    one(".dk-live").textContent = `${line}. ${next}`;
  }

  async #saved({ id, second }: Judgement, before: Before, answer: string | null): Promise<void> {
    await this.#decisions.settled(id);
    if (before.undone) return; // the undo says what became of it
    if (second) this.#tell(this.#say.text(answer ? "agreed" : "disagreed"));
    else this.#tell(this.#say.text(this.#decisions.anyUnderway ? "saving" : "saved"));
  }

  #failed(problem: unknown, before: Before, id: string): void {
    if (before.undone) return; // it is back already, and nothing has to be taken back
    this.#tell("");
    this.#undoLine(this.#lastLine());
    if (before.counted) this.#countIs(this.#count + 1);
    this.#care.undone(before.hard);
    this.#putBack(before);
    const why = code(problem);
    if (why === "outdated") {
      void this.#reload(id, this.#say.text("outdated"));
    } else if (why === "decided_meanwhile" || why === "locked") {
      this.#alarm((problem as Problem).message);
      void this.#reload(id, (problem as Problem).message);
      this.#recountSoon();
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
    if (entry && !this.#busy) this.#select(entry);
  }

  #undo(): void {
    const undone = this.#earlierIsLast ? [] : this.#decisions.undo();
    if (!undone.length) {
      void this.#undoEarlier();
      return;
    }
    this.#tell(this.#say.text("takingBack"));
    this.#closeReasons();
    this.#strokes.drop(this.#stroke(undone[0]!.made.group));
    for (const one of undone) this.#takeBack(one);
    this.#undoLine(this.#lastLine());
  }

  /** Whether the last thing that was done is one of `#earlier`. */
  get #earlierIsLast(): boolean {
    const earlier = this.#earlier[0];
    return !!earlier && earlier.at > (this.#decisions.last?.at ?? -Infinity);
  }

  #lastLine(): string {
    return (this.#earlierIsLast ? this.#earlier[0]?.line : this.#decisions.last?.place.line) ?? "";
  }

  #takeBack({ made, done }: { made: Made<Before>; done: Promise<void> }): void {
    made.place.undone = true;
    if (made.place.counted) this.#countIs(this.#count + 1);
    this.#care.undone(made.place.hard);
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

  /** Takes back what was decided before this page was loaded, or many by one question. */
  async #undoEarlier(): Promise<void> {
    const last = this.#earlier.shift();
    this.#undoLine(this.#lastLine());
    if (!last || Date.now() - last.at > UNDO_FOR) {
      this.#tell(this.#say.text("nothingToUndo"));
      return;
    }
    this.#tell(this.#say.text("takingBack"));
    this.#strokes.drop(last.stroke);
    try {
      if (last.measure) {
        await lift(this.#api, last.measure);
      } else if (last.numbers.length === 1) {
        await this.#api.json(`/api/v1/desk/decisions/${last.numbers[0]}`, { method: "DELETE" });
      } else {
        await this.#undoMany(last.numbers);
      }
      this.#tell(
        this.#say.text(last.measure ? "lifted" : last.asked ? "notAsked" : "takenBack"),
      );
      await this.#bring(last.comment || this.#shown?.dataset.id || "");
    } catch (problem) {
      this.#tell("");
      this.#alarm(this.#say.text("undoFailed", { why: this.#because(problem) }));
    }
  }

  /** Shows the card of what was taken back, as it is now. */
  async #bring(id: string): Promise<void> {
    if (!id) return;
    await this.#reload(id);
    const entry = this.#list.find(id);
    if (entry && entry !== this.#shown && !this.#busy) this.#select(entry);
  }

  /** Whether somebody is in the middle of a choice about the card that is shown. */
  get #busy(): boolean {
    return this.#reject.open || this.#measures.open || this.#escalation.open;
  }

  async #undoMany(numbers: string[]): Promise<void> {
    for (let first = 0; first < numbers.length; first += UNDO_AT_ONCE) {
      const decisions = numbers.slice(first, first + UNDO_AT_ONCE).join(" ");
      await send("/fragments/desk/undo", { decisions });
    }
    await this.#refill();
  }

  #because(problem: unknown): string {
    const said = problem instanceof Problem && problem.message;
    return said || this.#say.text("unreachable");
  }

  // -- many at once ------------------------------------------------------------------------

  #toggle(entry: HTMLElement | null): void {
    if (!entry) return;
    const box = boxOf(entry);
    box.checked = !box.checked;
    this.#labels();
  }

  #toggleAll(): void {
    const entries = this.#list.entries.filter((entry) => !entry.dataset.second);
    const all = entries.every((entry) => boxOf(entry).checked);
    for (const entry of entries) boxOf(entry).checked = !all;
    this.#labels();
  }

  #selectNone(): void {
    for (const entry of this.#list.selected) boxOf(entry).checked = false;
    this.#labels();
  }

  #labels(): void {
    this.#asked = false;
    const selected = this.#list.selected.length;
    one(".dk-many").hidden = !selected;
    const words = selected ? this.#say.counted("selected", selected) : "";
    if (words !== one(".dk-selected").textContent) {
      one(".dk-selected").textContent = words;
      one(".dk-live").textContent = words;
    }
  }

  #askMany(): void {
    if (this.#list.selected.length) {
      one(".dk-many-yes").focus();
    } else if (this.#body.dataset.plain === "1") {
      this.#tell(this.#say.text("noneSelected"));
    } else {
      this.#many.ask(Number(one(".dk-found").dataset.found), this.#list.entries);
    }
  }

  #swept({ decision, lines }: Bulk): void {
    const name = decision === "publish" ? "approvedMany" : "rejectedMany";
    const line = this.#say.counted(name, lines.length);
    this.#decisions.forget();
    const stroke = this.#stroke(++this.#group);
    this.#strokes.add(stroke, line, lines);
    this.#remember({ line, numbers: lines, stroke });
    this.#tell(this.#say.text("saved"));
    void this.#refill();
  }

  /** What was done in another way than by a decision can be taken back like one. */
  #remember(done: Partial<Earlier> & { line: string }, at = Date.now()): void {
    const nothing = { numbers: [], measure: "", comment: "", asked: false, stroke: "" };
    this.#earlier.unshift({ ...nothing, at, ...done });
    this.#undoLine(this.#lastLine());
  }

  /** Loads the list anew, after many of its cards have come or gone. */
  async #refill(): Promise<void> {
    const wanted = Object.fromEntries(filter());
    const html = await this.#api.fragment("/fragments/desk/queue", wanted);
    this.#list.root.replaceChildren();
    this.#list.extend(html);
    this.#dress();
    this.#select(this.#list.entries[0] ?? null, false);
  }

  /** Shows in entries that have come what only a script can serve. */
  #dress(): void {
    for (const box of this.#list.root.querySelectorAll<HTMLElement>(".dk-box")) box.hidden = false;
    for (const entry of this.#list.entries) this.#hearLock(entry);
  }

  // -- measures ----------------------------------------------------------------------------

  #measure(kind: "mute" | "ban"): void {
    this.#closeReasons();
    this.#closeEscalation();
    if (!this.#measures.openAs(kind)) this.#tell(this.#say.text("noMeasure"));
  }

  /** Says at once that it is under way; the line to take it back by comes with the answer. */
  async #impose(wanted: Wanted): Promise<void> {
    const name = wanted.name || this.#say.text("noName");
    const said = wanted.kind === "ban" ? "banned" : "muted";
    const line = this.#say.text(said, { name, length: wanted.length });
    this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
    this.#alarm("");
    const at = Date.now();
    const id = this.#shown?.dataset.id ?? "";
    await this.#attempt("saved", async () => {
      const measure = await impose(this.#api, wanted);
      this.#remember({ line, measure }, at);
      one(".dk-live").textContent = line;
      void this.#reload(id);
    });
  }

  // -- together ----------------------------------------------------------------------------

  #hearLock(entry: HTMLElement): void {
    const by = entry.querySelector<HTMLElement>(".dk-locked")?.dataset.by;
    const name = entry.querySelector(".dk-locked")?.textContent ?? "";
    if (by) this.#looking.hears(entry.dataset.id ?? "", by, name);
  }

  /** Somebody else looks at a card, or does no longer. */
  #taken(id: string, name: string): void {
    const line = this.#list.find(id)?.querySelector<HTMLElement>(".dk-locked");
    if (!line) return;
    if (name && !line.dataset.by) line.textContent = this.#say.text("looks", { name });
    if (!name) delete line.dataset.by;
    line.hidden = !name;
    if (name && this.#shown?.dataset.id === id) this.#tell(line.textContent ?? "");
  }

  get #mayEscalate(): boolean {
    return !!this.#shown && waits(this.#shown) && !this.#shown.dataset.second;
  }

  #openEscalation(): void {
    if (!this.#mayEscalate) return;
    this.#closeReasons();
    this.#measures.close();
    this.#escalation.open = true;
    this.#escalation.querySelector<HTMLInputElement>("[name=note]")?.focus();
  }

  #closeEscalation(): void {
    this.#escalation.open = false;
    this.#escalation.querySelector("form")!.reset();
  }

  async #escalate(): Promise<void> {
    const comment = this.#shown?.dataset.id;
    if (!comment || !this.#mayEscalate) return;
    const note = field(this.#escalation.querySelector("form")!, "note").value.trim();
    const at = Date.now();
    this.#closeEscalation();
    this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
    this.#step(1);
    await this.#attempt("escalated", async () => {
      const { id } = await send<{ id: string }>("/fragments/desk/escalate", { comment, note });
      const line = this.#say.text("escalatedLine");
      this.#remember({ line, numbers: [id], comment, asked: true }, at);
    });
  }

  async #assign(): Promise<void> {
    const entry = this.#shown;
    if (!entry) return;
    const { story = "", mine } = entry.dataset;
    await this.#attempt(mine ? "unassigned" : "assigned", async () => {
      await send("/fragments/desk/assign", { story, to: mine ? "" : "me" });
      await this.#reload(entry.dataset.id ?? "");
      this.#recountSoon();
    });
  }

  async #attempt(done: string, work: () => Promise<void>): Promise<void> {
    this.#tell(this.#say.text("saving"));
    try {
      await work();
      this.#tell(this.#say.text(done));
    } catch (problem) {
      this.#tell("");
      this.#alarm(this.#say.text("notDone", { why: this.#because(problem) }));
    }
  }

  // -- around the text ---------------------------------------------------------------------

  #unveil(): void {
    const shown = this.#care.toggle();
    this.#tell(this.#say.text(shown ? "shown" : "veiled"));
  }

  #openThread(): void {
    const details = this.#place.querySelector<HTMLDetailsElement>(".dk-thread");
    if (!details) {
      this.#tell(this.#say.text("alone"));
      return;
    }
    details.open = !details.open;
    if (details.open) details.querySelector("summary")?.focus();
  }

  #openCampaign(): void {
    const link = this.#place.querySelector<HTMLAnchorElement>(".dk-campaign-link");
    if (link) link.click();
    else this.#tell(this.#say.text("noCampaign"));
  }

  async #thread(target: EventTarget | null): Promise<void> {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    const place = target.querySelector<HTMLElement>(".dk-thread-place");
    if (!place || place.dataset.loaded) return;
    place.dataset.loaded = "1";
    const html = await this.#api.fragment(`/fragments/desk/thread/${target.dataset.comment}`);
    place.replaceChildren(parse(html, location.origin));
  }

  #openFilter(): void {
    const details = one<HTMLDetailsElement>(".dk-find > details");
    details.open = !details.open;
    if (details.open) details.querySelector<HTMLElement>("select")?.focus();
  }

  #answerWith(text: string): void {
    this.#note.value = text;
    this.#reject.querySelector<HTMLButtonElement>(".dk-reasons button")?.focus();
  }

  async #keepReply(): Promise<void> {
    const name = one<HTMLInputElement>(".dk-keep-name").value.trim();
    const text = this.#note.value.trim();
    if (!name || !text) return;
    await this.#attempt("saved", async () => {
      await send("/fragments/desk/replies", { name, text });
    });
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
    const selected = this.#list.selected.length;
    if (!old) {
      if (waits(fresh) && this.#body.dataset.plain === "1") this.#arrived(fresh);
    } else if (waits(fresh) || shown || this.#body.dataset.plain !== "1") {
      this.#list.replace(old, fresh);
    } else {
      old.remove();
    }
    if (this.#list.selected.length !== selected) this.#labels();
    if (warning) this.#alarm(warning);
    if (!shown || !old) return;
    const reading = this.#place.contains(document.activeElement);
    if (stale && !warning) this.#alarm(this.#say.text("edited"));
    if (!waits(fresh)) this.#tell(this.#say.text("alreadyDecided"));
    const changed = stale || waits(fresh) !== waits(old);
    if (changed) this.#show(fresh);
    else this.#refresh(fresh);
    if (stale) this.#showChange();
    if (reading) this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
  }

  /** The same text with new surroundings, such as one report more: an open choice stays open. */
  #refresh(fresh: HTMLElement): void {
    this.#shown = fresh;
    this.#place.replaceChildren(detailOf(fresh));
  }

  /** What the author has changed since the card was read, above the new text. */
  #showChange(): void {
    const change = this.#place.querySelector(".dk-versions .dk-diff");
    const place = one(".dk-changed");
    if (!change) return;
    place.replaceChildren(change.cloneNode(true));
    place.hidden = false;
  }

  #arrived(fresh: HTMLElement): void {
    fresh.querySelector<HTMLElement>(".dk-box")!.hidden = false;
    this.#hearLock(fresh);
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
    this.#writeCount(count);
    this.#recountSoon();
  }

  #writeCount(count: number): void {
    this.#count = Math.max(0, count);
    const place = one(".dk-count");
    const title = document.title.replace(/^\([^)]*\) /, "");
    place.textContent = this.#say.counted("waiting", this.#count);
    document.title = this.#count ? `(${this.#say.number(this.#count)}) ${title}` : title;
  }

  /** The numbers beside the lists are the server's, asked for when something has happened. */
  #recountSoon(): void {
    if (this.#recount) return;
    this.#recount = window.setTimeout(() => void this.#recountNow(), RECOUNT);
  }

  async #recountNow(): Promise<void> {
    try {
      const site = new URLSearchParams(location.search).get("site") ?? "";
      const counts = await this.#api.json<Record<string, number>>(
        withQuery("/fragments/desk/counts", { site }),
      );
      for (const tab of document.querySelectorAll<HTMLElement>(".dk-tabs [data-count]")) {
        const number = counts[tab.dataset.count ?? ""] ?? 0;
        tab.querySelector("b")!.textContent = this.#say.number(number) + (number < 10_000 ? "" : "+");
      }
      if (!site && !this.#decisions.anyUnderway) this.#writeCount(counts.waiting ?? this.#count);
    } catch {
      // They come with the next change.
    } finally {
      this.#recount = 0;
    }
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
    if (this.#measures.open) {
      this.#measures.close();
      this.#measures.summary.focus();
    } else if (this.#reject.open) {
      this.#closeReasons();
      this.#reject.hidden = !this.#can("reject");
      this.#reject.querySelector("summary")?.focus();
    } else if (this.#escalation.open) {
      this.#closeEscalation();
      this.#escalation.querySelector("summary")?.focus();
    } else if (this.#list.selected.length) {
      this.#selectNone();
    } else if (this.#care.shown) {
      this.#care.hide();
    } else if (document.activeElement?.closest(".dk-top")) {
      this.#place.querySelector<HTMLElement>(".dk-card")?.focus({ preventScroll: true });
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

/** What may be done to an entry's comment: whatever does not leave it as it is. */
function mayBecome(entry: HTMLElement, decision: "publish" | "reject"): boolean {
  if (waits(entry)) return true;
  return entry.dataset.status === (decision === "publish" ? "rejected" : "published");
}

/** The part of the address that says what the list is filtered by. */
function filter(): URLSearchParams {
  const asked = new URLSearchParams(location.search);
  for (const name of ["comment", "after", "done", "minutes", "lang"]) asked.delete(name);
  return asked;
}

/** What can be taken back since before this page was loaded, the last one first. */
function earlier(): Earlier[] {
  return [...document.querySelectorAll<HTMLElement>(".dk-earlier > li")]
    .map((item) => ({
      line: item.textContent ?? "",
      numbers: (item.dataset.decision ?? "").split(" ").filter(Boolean),
      measure: item.dataset.measure ?? "",
      comment: item.dataset.comment ?? "",
      asked: item.dataset.action === "escalate",
      stroke: "",
      at: Date.now() - Number(item.dataset.age),
    }))
    .sort((one, other) => other.at - one.at);
}

/** The same with what was decided about many in one stroke as one. */
function joined(earlier: Earlier[], strokes: readonly Stroke[]): Earlier[] {
  const inStrokes = new Set(strokes.flatMap((one) => one.numbers));
  const alone = earlier.filter(
    (one) => one.measure || !one.numbers.every((number) => inStrokes.has(number)),
  );
  const many = strokes.map(({ id, ...stroke }) => ({
    ...stroke,
    measure: "",
    comment: "",
    asked: false,
    stroke: id,
  }));
  return [...alone, ...many].sort((one, other) => other.at - one.at);
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
