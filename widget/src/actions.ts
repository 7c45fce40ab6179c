/** What can be done with a comment: a table from the class of a link or button to its meaning.
 *  Each of them is a plain link or form without this script. */

import { exactly } from "./ages.ts";
import type { Written } from "./api.ts";
import { replyBox } from "./composer.ts";
import {
  announce, commentOf, type Discussion, find, focusOn, idOf, nameOf, part, said,
} from "./discussion.ts";
import { make } from "./html.ts";
import { editName } from "./name.ts";
import { loadMore, loadMoreReplies } from "./paging.ts";
import { itemOf, keepingPlace, place } from "./place.ts";
import { share } from "./share.ts";

const READ_IN = 8000; // so long a failure stands beside what failed

/** Returns false to let the browser follow the link. */
type Action = (d: Discussion, target: HTMLElement) => void | false;

export const ACTIONS: Record<string, Action> = {
  "bl-reply": reply,
  "bl-share": (d, link) => shareComment(d, link),
  "bl-report": report,
  "bl-mute": mute,
  "bl-edit": (d, link) => void edit(d, commentOf(link)),
  "bl-delete": (d, link) => askToDelete(d, commentOf(link)),
  "bl-fold": (d, link) => void unfold(d, commentOf(link)),
  "bl-line": (d, line) => fold(d, line),
  "bl-age": showExactTime,
  "bl-to": (d, link) => focusOn(find(d, commentOf(link).dataset.parent ?? "")),
  "bl-setname": (d, link) => editName(d, link),
  "bl-arrivals": (d) => d.arrivals.bring(),
  "bl-more": (d, link) => void loadMore(d, link as HTMLAnchorElement),
  "bl-more-replies": (d, link) => void loadMoreReplies(d, link as HTMLAnchorElement),
};

function reply(d: Discussion, link: HTMLElement): void | false {
  const comment = commentOf(link);
  const open = comment.querySelector<HTMLElement>(":scope > .bl-inline");
  link.removeAttribute("aria-expanded");
  open?.remove();
  if (open?.matches(".bl-composer")) return;
  const box = replyBox(d, comment, idOf(comment), nameOf(comment));
  if (!box) return false;
  link.setAttribute("aria-expanded", "true");
  closesWithEscape(box.form, link);
  box.focus();
}

function shareComment(d: Discussion, link: HTMLElement): void {
  const address = `${d.api.origin}/comments/${idOf(commentOf(link))}`;
  void share(address, document.title).then((how) => {
    if (how !== "copied") return;
    announce(d, d.say.text("copied"));
    sayOn(link, d.say.text("copied"));
  });
}

/** Says for a moment on the button itself what it did. */
function sayOn(button: HTMLElement, sentence: string): void {
  const before = button.dataset.says ?? button.textContent ?? "";
  button.dataset.says = before;
  button.textContent = sentence;
  setTimeout(() => (button.textContent = before), 2500);
}

function mute(d: Discussion, button: HTMLElement): void {
  const comment = commentOf(button);
  const { author = "" } = comment.dataset;
  const on = !d.personal.isMuted(author);
  const path = `/api/v1/users/${author}/mute`;
  closeMenu(button);
  void attempt(d, d.api.write(path, { method: on ? "PUT" : "DELETE" }), () => {
    keepingPlace(d, () => d.personal.mute(author, on));
    part(comment, on ? ".bl-mute-line button" : ".bl-menu summary")?.focus({ preventScroll: true });
    if (on) announce(d, d.say.text("muted"));
  }, button);
}

/** Counts at once, and takes it back if the server does not agree. */
export function recommend(d: Discussion, button: HTMLElement): void {
  const id = idOf(commentOf(button));
  const on = button.getAttribute("aria-pressed") !== "true";
  const before = Number(button.dataset.n ?? 0);
  const set = (pressed: boolean, n: number) => {
    button.setAttribute("aria-pressed", String(pressed));
    showRecommendations(d, id, n);
    d.personal.recommend(id, pressed);
  };
  set(on, Math.max(0, before + (on ? 1 : -1)));
  const path = `/api/v1/comments/${id}/recommendation`;
  d.api.write(path, { method: on ? "PUT" : "DELETE" }).catch((problem: unknown) => {
    set(!on, before);
    explain(d, problem, button);
  });
}

export function showRecommendations(d: Discussion, id: string, n: number): void {
  const comment = find(d, id);
  const button = comment && part(comment, ".bl-recommend, .bl-recommended");
  const shown = button?.querySelector(".bl-n");
  if (!button || !shown) return;
  shown.textContent = n ? d.say.number(n) : "";
  button.dataset.n = String(n);
  if (button.matches(".bl-recommended")) button.hidden = !n;
}

function report(d: Discussion, link: HTMLElement): void {
  const { say } = d;
  const comment = commentOf(link);
  const note = make("textarea", { rows: "1", dir: "auto", "aria-label": say.text("note"), placeholder: say.text("note") });
  const choices = say.pairs("reasons").map(([code, sentence]) =>
    make("label", {}, make("input", { type: "radio", name: "reason", value: code, required: true }), sentence),
  );
  const form = panel(d, comment, link, say.text("report"), [
    make("fieldset", { class: "bl-reasons" }, make("legend", {}, say.text("reportQuestion")), ...choices),
    note,
  ], async () => {
    const reason = new FormData(form).get("reason");
    const body = { reason, ...(note.value.trim() && { note: note.value }) };
    await d.api.write(`/api/v1/comments/${idOf(comment)}/reports`, { method: "POST", body });
    return say.text("reported");
  });
  form.querySelector("input")?.focus();
}

function askToDelete(d: Discussion, comment: HTMLElement): void {
  const link = part(comment, ".bl-delete") as HTMLElement;
  const form = panel(d, comment, link, d.say.text("delete"), [
    make("span", {}, d.say.text("deleteQuestion")),
  ], async () => {
    const id = idOf(comment);
    await d.api.write(`/api/v1/comments/${id}`, { method: "DELETE" });
    d.personal.forget(id);
    form.remove();
    // The stream tells everyone, us included, whether a marker stays; until then it is a marker.
    const gone = make("p", { class: "bl-gone", tabindex: "-1" }, d.say.text("deleted"));
    keepingPlace(d, () => comment.querySelector(":scope > .bl-body")?.replaceWith(gone));
    gone.focus({ preventScroll: true });
    announce(d, d.say.text("deleted"));
  }, "keep");
  form.querySelector(".bl-quiet-button")?.classList.add("bl-danger");
  form.querySelector("button")?.focus();
}

function edit(d: Discussion, comment: HTMLElement): Promise<void> {
  const link = part(comment, ".bl-edit") as HTMLElement;
  const asked = d.api.json<{ text: string }>(`/api/v1/comments/${idOf(comment)}`);
  return attempt(d, asked, ({ text }) => editText(d, comment, link, text), link);
}

function editText(d: Discussion, comment: HTMLElement, link: HTMLElement, text: string): void {
  const id = idOf(comment);
  const box = make("textarea", { rows: "3", dir: "auto", "aria-label": d.say.text("edit") });
  box.value = text;
  const form = panel(d, comment, link, d.say.text("save"), [box], async () => {
    const path = `/api/v1/comments/${id}?html=${d.api.language}`;
    const body = { text: box.value };
    const written = await d.api.write<Written>(path, { method: "PATCH", body });
    d.personal.keep(id, written.html);
    keepingPlace(d, () => place(d, itemOf(d, written.html)));
    form.remove();
    focusOn(find(d, id), false);
    announce(d, written.message);
  });
  form.classList.add("bl-edit-form");
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  box.focus();
}

/** A small form below a comment. What `act` returns is said in its place; Escape closes it. */
function panel(
  d: Discussion,
  comment: HTMLElement,
  opener: HTMLElement,
  verb: string,
  fields: HTMLElement[],
  act: () => Promise<string | void>,
  leave = "cancel",
): HTMLFormElement {
  closeMenu(opener);
  comment.querySelector(":scope > .bl-inline")?.remove();
  const problem = make("span", { class: "bl-problem", role: "alert" });
  const form = make("form", { class: "bl-inline" }, ...fields,
    make("p", { class: "bl-row" },
      make("button", { class: "bl-quiet-button" }, verb),
      make("button", { type: "button", class: "bl-quiet-button", click: () => close() }, d.say.text(leave)),
      problem,
    ),
  );
  const close = closesWithEscape(form, opener);
  let acting = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (acting) return;
    acting = true;
    act().then(
      (done) => done && sayInPlaceOf(d, form, done),
      (error: unknown) => problem.replaceChildren(...said(d, error)),
    ).finally(() => (acting = false));
  });
  comment.insertBefore(form, comment.querySelector(":scope > .bl-body")?.nextSibling ?? null);
  return form;
}

/** The form is done: what it led to stands in its place, with the focus that was in it. */
function sayInPlaceOf(d: Discussion, form: HTMLFormElement, sentence: string): void {
  const line = make("p", { tabindex: "-1" }, sentence);
  form.replaceChildren(line);
  line.focus({ preventScroll: true });
  announce(d, sentence);
}

function closesWithEscape(form: HTMLElement, opener: HTMLElement): () => void {
  const close = () => {
    const comment = form.parentElement;
    form.remove();
    opener.removeAttribute("aria-expanded");
    const menu = opener.closest("details")?.querySelector("summary");
    (menu ?? (opener.isConnected ? opener : null))?.focus();
    if (!opener.isConnected) focusOn(comment, false);
  };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    close();
  });
  return close;
}

/** A long text that stood here in full does so again after a change. */
export function keepWhole(d: Discussion, comment: HTMLElement): void {
  if (comment.dataset.full && part(comment, ".bl-fold")) void unfold(d, comment, false);
}

/** Fetches the rest of a long text. */
async function unfold(d: Discussion, comment: HTMLElement, focus = true): Promise<void> {
  const path = `/fragments/comments/${idOf(comment)}`;
  await attempt(d, d.api.fragment(path), (html) => {
    comment.dataset.full = "true";
    place(d, itemOf(d, html));
    if (focus) focusOn(comment, false);
  }, comment.firstElementChild ?? comment);
}

/** Folds a thread by its line, or opens it again. */
function fold(d: Discussion, line: HTMLElement): void {
  const open = line.getAttribute("aria-expanded") !== "false";
  line.setAttribute("aria-expanded", String(!open));
  nameLine(d, line);
}

/** Gives each comment with replies the line that folds them, and says how many they are. */
export function drawLines(d: Discussion, ground: ParentNode): void {
  const lists = Array.from(ground.querySelectorAll<HTMLElement>(".bl-replies"));
  for (const list of lists) {
    const comment = list.parentElement as HTMLElement;
    let line = comment.querySelector<HTMLElement>(":scope > .bl-line");
    if (!line) {
      line = make("button", { type: "button", class: "bl-line", "aria-expanded": "true" });
      list.before(line);
    }
    nameLine(d, line);
  }
}

function nameLine(d: Discussion, line: HTMLElement): void {
  const open = line.getAttribute("aria-expanded") !== "false";
  const replies = line.parentElement?.querySelectorAll(".bl-replies .bl-comment").length ?? 0;
  const sentence = d.say.counted(open ? "fold" : "hidden", replies);
  line.textContent = open ? "" : sentence;
  if (open) line.setAttribute("aria-label", sentence);
  else line.removeAttribute("aria-label");
}

/** The address of the comment goes to the address bar, its exact time to where its age was. */
function showExactTime(d: Discussion, link: HTMLElement): void | false {
  const comment = commentOf(link);
  const time = link.querySelector("time");
  if (!time || d.element.dataset.single) return false;
  time.classList.add("bl-exact");
  time.textContent = exactly(time.dateTime, d.say.language);
  history.replaceState(history.state, "", `#comment-${idOf(comment)}`);
  d.root.querySelector(".bl-target")?.classList.remove("bl-target");
  comment.classList.add("bl-target");
}

function closeMenu(node: HTMLElement): void {
  node.closest("details")?.removeAttribute("open");
}

/** Waits for a request; says beside `near` if it fails. */
export async function attempt<T>(
  d: Discussion,
  asked: Promise<T>,
  then: (answer: T) => void,
  near: Element,
): Promise<void> {
  try {
    then(await asked);
  } catch (problem) {
    explain(d, problem, near);
  }
}

function explain(d: Discussion, problem: unknown, near: Element): void {
  const line = make("p", { class: "bl-problem", role: "alert" }, ...said(d, problem));
  (near.closest(".bl-body") ?? near.parentElement)?.append(line);
  setTimeout(() => line.remove(), READ_IN);
}
