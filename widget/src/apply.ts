/** The live events: name -> what to do with the page. docs/api.md describes each. */

import { keepWhole, showRecommendations } from "./actions.ts";
import type { Arrival } from "./arrivals.ts";
import { showCount } from "./belowline-count-element.ts";
import { type Discussion, find } from "./discussion.ts";
import { rename } from "./name.ts";
import { itemOf, keepingPlace, place, takeAway } from "./place.ts";
import type { Handlers } from "./stream.ts";

export function handlers(d: Discussion): Handlers {
  return {
    comment(told: Arrival & { count: number }) {
      count(d, told.count);
      if (find(d, told.id)) change(d, told.id, told.html);
      else if (d.personal.isMine(told.id, told.author)) own(d, told.id, told.html);
      else if (!d.personal.isMuted(told.author)) d.arrivals.add(told);
    },
    edited(told: { id: string; count: number; html: string }) {
      count(d, told.count);
      if (!d.arrivals.change(told.id, told.html)) change(d, told.id, told.html);
    },
    removed(told: { id: string; count: number; html: string | null }) {
      count(d, told.count);
      d.arrivals.drop(told.id);
      if (d.personal.isMine(told.id)) void removeOwn(d, told.id, told.html);
      else remove(d, told.id, told.html);
    },
    renamed: (told: { author: string; name: string }) => rename(d, told.author, told.name),
    mode(told: { mode: string; slow: number; closes_at: string | null; tightened: boolean }) {
      const { mode, slow, tightened } = d.root.dataset;
      const shown = [mode, slow, tightened].join();
      if (shown !== [told.mode, told.slow, Number(told.tightened)].join()) void loadAnew(d);
      d.element.dispatchEvent(
        new CustomEvent("belowline:mode",
          { detail: { story: d.story, ...told }, bubbles: true, composed: true }),
      );
    },
    count: (told: { count: number }) => count(d, told.count),
    active(told: { active: number | null }) {
      const line = d.root.querySelector<HTMLElement>(".bl-active");
      if (!line) return;
      line.hidden = !told.active;
      line.textContent = told.active
        ? d.say.text("active", { n: d.say.number(told.active) })
        : "";
    },
    typing: (told: { threads: { parent: string | null; count: number }[] }) =>
      d.presence.show(told.threads),
    recommended(told: { comments: Record<string, number> }) {
      for (const [id, n] of Object.entries(told.comments)) showRecommendations(d, id, n);
    },
    reset: () => void loadAnew(d),
  };
}

const SOON = 2000;
const LATEST = 60_000;

/** The whole discussion once more, however often it takes: what was missed is told no other way. */
async function loadAnew(d: Discussion, pause = SOON): Promise<void> {
  try {
    await d.load();
  } catch {
    if (!d.element.isConnected) return;
    setTimeout(() => void loadAnew(d, Math.min(pause * 2, LATEST)), pause);
  }
}

function count(d: Discussion, n: number): void {
  const head = d.root.querySelector<HTMLElement>(".bl-count");
  d.root.dataset.count = String(n);
  if (head) {
    head.textContent = d.say.counted("comments", n);
    head.dataset.count = String(n);
  }
  showCount(d.story, d.api.origin, n);
}

/** A comment that is on the page has another form; one's own is asked for again, for it looks
 *  different to its author. */
function change(d: Discussion, id: string, html: string): void {
  const comment = find(d, id);
  if (!comment) return;
  if (d.personal.isMine(id, comment.dataset.author)) return void d.personal.refresh();
  keepingPlace(d, () => place(d, itemOf(d, html)));
  keepWhole(d, comment);
}

/** One's own comment, written in another tab or approved a moment ago. */
function own(d: Discussion, id: string, html: string): void {
  keepingPlace(d, () => place(d, itemOf(d, html)));
  d.personal.keep(id, html);
  void d.personal.refresh();
}

function remove(d: Discussion, id: string, marker: string | null): void {
  const comment = find(d, id);
  if (!comment) return;
  keepingPlace(d, () => {
    if (marker) place(d, itemOf(d, marker));
    else takeAway(d, comment);
  });
}

/** The author of a removed comment still sees it, and why it went. */
async function removeOwn(d: Discussion, id: string, marker: string | null): Promise<void> {
  await d.personal.refresh();
  if (!d.personal.isMine(id)) remove(d, id, marker);
}
