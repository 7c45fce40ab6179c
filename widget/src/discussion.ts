/** What the parts of the widget share: one discussion in one place of one page. */

import { type Api, Problem } from "./api.ts";
import { make } from "./html.ts";
import type { Personal } from "./personal.ts";
import type { Presence } from "./presence.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Sentences } from "./strings.ts";
import type { Wait } from "./wait.ts";

export interface Discussion {
  readonly element: HTMLElement;
  readonly story: string;
  readonly api: Api;
  readonly say: Sentences;
  readonly personal: Personal;
  readonly presence: Presence;
  readonly arrivals: Arrivals;
  readonly wait: Wait;
  /** The section with everything inside; another one after each `load`. */
  readonly root: HTMLElement;
  /** Loads the discussion anew, keeping drafts, focus and the reader's place. */
  load(order?: string): Promise<void>;
  /** Prepares comments that have just come to the page. */
  enhance(ground: ParentNode): void;
}

/** The list item of a comment, if it is on the page. */
export function find(d: Discussion, id: string | null): HTMLElement | null {
  return id ? d.root.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) : null;
}

/** The comment in which a node stands. */
export function commentOf(node: Element): HTMLElement {
  return node.closest<HTMLElement>(".bl-comment") as HTMLElement;
}

export function idOf(comment: HTMLElement): string {
  return comment.dataset.id ?? "";
}

export function nameOf(comment: HTMLElement): string {
  return part(comment, ".bl-name")?.textContent ?? "";
}

/** A part of a comment itself, never of its replies. */
export function part(comment: HTMLElement, selector: string): HTMLElement | null {
  return comment.querySelector<HTMLElement>(`:scope > .bl-body ${selector}`);
}

/** Says something to people who listen to the page. */
export function announce(d: Discussion, sentence: string): void {
  const line = d.root.querySelector(".bl-announce");
  if (line) line.textContent = sentence;
}

/** What a failure says, with the way to object where somebody is stopped. */
export function said(d: Discussion, problem: unknown): (Node | string)[] {
  if (!(problem instanceof Problem && problem.message)) return [d.say.text("failedAction")];
  const { message, statement } = problem;
  if (!statement) return [message];
  return [message, " ", make("a", { href: new URL(statement, d.api.origin).href }, d.say.text("why"))];
}

/** Moves the focus to a comment, and the page only as far as needed. */
export function focusOn(comment: HTMLElement | null, scroll = true): void {
  const body = comment?.querySelector<HTMLElement>(":scope > .bl-body, :scope > .bl-gone");
  if (!comment || !body) return;
  for (let up = comment.parentElement; up; up = up.parentElement) {
    up.querySelector(":scope > .bl-line")?.setAttribute("aria-expanded", "true");
  }
  body.tabIndex = -1;
  body.focus({ preventScroll: true });
  if (scroll) body.scrollIntoView({ block: "center", behavior: pace() });
}

export function pace(): ScrollBehavior {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
