/** Comments come to their place by id, however often, late or disordered they are told. */

import { type Discussion, find, focusOn, idOf, part } from "./discussion.ts";
import { parse, focused } from "./html.ts";

const OWN_PARTS = ":scope > .bl-body, :scope > .bl-gone, :scope > .bl-typing";

/** The one list item of a fragment. */
export function itemOf(d: Discussion, html: string): HTMLElement {
  return parse(html, d.api.origin).querySelector("li") as HTMLElement;
}

/** Puts a comment where it belongs, or its new form where the old one was. Null: its parent is not
 *  on this page. */
export function place(d: Discussion, item: HTMLElement): HTMLElement | null {
  const old = find(d, idOf(item));
  if (old) return replace(d, old, item);
  if (!standsHere(d, item.dataset.parent || null)) return null;
  const parent = find(d, item.dataset.parent ?? "");
  insert(listOf(d, parent), item, parent ? "oldest" : (d.root.dataset.order ?? ""));
  d.root.querySelector(".bl-empty")?.setAttribute("hidden", "");
  d.enhance(item);
  if (parent) d.enhance(parent);
  return item;
}

/** Whether what answers `parent` (null: nothing) has its place on this page. The page of one comment
 *  has its replies; of the comments above it only what leads to it. */
export function standsHere(d: Discussion, parent: string | null): boolean {
  if (!parent) return !d.element.dataset.single;
  return !!find(d, parent)?.closest(".bl-comments:not(.bl-ancestors)");
}

/** The list in which replies to a comment stand, or the threads. */
function listOf(d: Discussion, parent: HTMLElement | null): HTMLElement {
  if (!parent) return d.root.querySelector(".bl-comments") as HTMLElement;
  let list = parent.querySelector<HTMLElement>(":scope > .bl-replies");
  if (!list) {
    list = document.createElement("ol");
    list.className = "bl-replies";
    const more = parent.querySelector(":scope > .bl-more-replies");
    parent.insertBefore(list, more);
  }
  return list;
}

/** Ids sort as their comments were written, so the place follows from them. */
function insert(list: HTMLElement, item: HTMLElement, order: string): void {
  const items = Array.from(list.children) as HTMLElement[];
  const id = idOf(item);
  if (order === "oldest") {
    const before = items.reverse().find((other) => idOf(other) < id);
    if (before) before.after(item);
    else list.append(item);
  } else if (order === "newest") {
    list.insertBefore(item, items.find((other) => idOf(other) < id) ?? null);
  } else {
    list.prepend(item);
  }
}

/** Gives a comment its new form; its replies, what is being written below it, an open menu and the
 *  focus stay. */
function replace(d: Discussion, old: HTMLElement, item: HTMLElement): HTMLElement {
  const focus = focusWithin(old);
  const open = !!part(old, ".bl-menu[open]");
  const kept = Array.from(old.classList).filter((name) => KEPT.has(name));
  old.querySelectorAll(OWN_PARTS).forEach((own) => own.remove());
  old.prepend(...item.querySelectorAll(OWN_PARTS));
  old.className = item.className;
  old.classList.add(...kept);
  for (const name of ["data-status", "data-author"]) {
    old.setAttribute(name, item.getAttribute(name) ?? "");
  }
  d.enhance(old);
  if (open) part(old, ".bl-menu")?.setAttribute("open", "");
  if (focus !== null) focusAgain(old, focus);
  return old;
}

/** A selector for what has the focus within a comment itself, "" for all of it; null without it. */
export function focusWithin(comment: HTMLElement): string | null {
  const focus = focused(comment);
  if (!focus || !comment.querySelector(OWN_PARTS)?.contains(focus)) return null;
  if (focus.matches("summary")) return "summary";
  const [name] = focus.closest(".bl-body, .bl-gone") === focus ? [] : focus.classList;
  return name ? `.${name}` : "";
}

/** Gives the focus back to a comment that has another form now. */
export function focusAgain(comment: HTMLElement, selector: string): void {
  const same = selector ? part(comment, selector) : null;
  if (same) same.focus({ preventScroll: true });
  else focusOn(comment, false);
}

const KEPT = new Set(["bl-new", "bl-target"]);

/** Takes a comment away, unless the reader is writing below it or the page is about it: then a
 *  sentence takes its place. */
export function takeAway(d: Discussion, comment: HTMLElement): void {
  if (comment.querySelector(".bl-inline") || comment.parentElement?.matches(".bl-single, .bl-ancestors")) {
    const gone = document.createElement("p");
    gone.className = "bl-gone";
    gone.textContent = d.say.text("gone");
    comment.querySelectorAll(OWN_PARTS).forEach((own) => own.remove());
    comment.prepend(gone);
    return;
  }
  const focus = comment.contains(focused(comment));
  const next = comment.nextElementSibling ?? comment.parentElement?.closest(".bl-comment");
  const list = comment.parentElement;
  comment.remove();
  if (focus) focusOn(next as HTMLElement | null, false);
  if (list?.matches(".bl-replies") && !list.children.length) {
    list.parentElement?.querySelector(":scope > .bl-line")?.remove();
    list.remove();
  }
  const comments = d.root.querySelector(".bl-comments");
  d.root.querySelector(".bl-empty")?.toggleAttribute("hidden", !!comments?.children.length);
}

/** Makes a change without moving what is being read. */
export function keepingPlace(d: Discussion, change: () => void): void {
  const back = holdPlace(d);
  change();
  back();
}

/** Remembers where on the screen the reader is; the function returned brings that place back. */
export function holdPlace(d: Discussion): () => void {
  const anchor = anchorOf(d);
  const before = anchor?.getBoundingClientRect().top ?? 0;
  return () => {
    const now = anchor?.isConnected ? anchor : find(d, anchor?.dataset.id ?? "");
    const moved = now ? now.getBoundingClientRect().top - before : 0;
    if (moved) window.scrollBy({ top: moved, behavior: "instant" });
  };
}

const EYES = 0.3; // people read in the upper third of the screen

/** What is being read or written: the box with the focus, otherwise the comment under the eyes. */
function anchorOf(d: Discussion): HTMLElement | null {
  const eyes = innerHeight * EYES;
  const root = d.root.getBoundingClientRect();
  const focus = focused(d.root);
  if (focus?.matches("textarea, input") && d.root.contains(focus)) return focus as HTMLElement;
  if (root.top > eyes) return null; // the story above is read, which nothing here can move
  if (root.bottom <= 0) return d.root.querySelector<HTMLElement>(":scope > .bl-announce");
  for (const item of d.root.querySelectorAll<HTMLElement>(".bl-comment")) {
    const body = item.firstElementChild?.getBoundingClientRect();
    if (body?.height && body.bottom > eyes) return item;
  }
  return null;
}

/** The comment under the reader's eyes, by id. */
export function placeOf(d: Discussion): string | null {
  return anchorOf(d)?.closest<HTMLElement>(".bl-comment")?.dataset.id ?? null;
}
