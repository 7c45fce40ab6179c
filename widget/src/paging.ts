/** "Load more": the next page joins what is there, and nothing comes twice. */

import { attempt } from "./actions.ts";
import { announce, commentOf, type Discussion, find, focusOn, idOf } from "./discussion.ts";
import { parse } from "./html.ts";

/** The next page of threads. */
export function loadMore(d: Discussion, link: HTMLAnchorElement, quiet = false): Promise<void> {
  const { order } = d.root.dataset;
  const path = `/fragments/stories/${encodeURIComponent(d.story)}/comments`;
  const list = d.root.querySelector(".bl-comments") as HTMLElement;
  return join(d, link, d.api.fragment(path, { order, cursor: link.dataset.cursor }), list, { quiet });
}

/** The next page of a comment's replies. */
export function loadMoreReplies(d: Discussion, link: HTMLAnchorElement): Promise<void> {
  const comment = commentOf(link);
  let list = comment.querySelector<HTMLElement>(":scope > .bl-replies");
  if (!list) {
    list = document.createElement("ol");
    list.className = "bl-replies";
    link.before(list);
  }
  const path = `/fragments/comments/${idOf(comment)}/replies`;
  return join(d, link, d.api.fragment(path, { cursor: link.dataset.cursor }), list, { within: comment });
}

async function join(
  d: Discussion,
  link: HTMLAnchorElement,
  asked: Promise<string>,
  list: HTMLElement,
  { within, quiet = false }: { within?: HTMLElement; quiet?: boolean },
): Promise<void> {
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  await attempt(d, asked, (html) => {
    const page = parse(html, d.api.origin);
    const parts = Array.from(page.children);
    const fresh = parts.filter((node) => node.matches(".bl-comment"));
    const added = (fresh as HTMLElement[]).filter((item) => !find(d, idOf(item)));
    for (const item of added) {
      d.arrivals.drop(idOf(item));
      if (within) inOrder(list, item);
      else list.append(item);
    }
    const next = parts.find((node) => node.matches(`.${link.classList[0]}`));
    if (next) link.replaceWith(next);
    else link.remove();
    d.enhance(within ?? list);
    if (quiet) return;
    announce(d, d.say.counted("loaded", added.length));
    focusOn(added[0] ?? null, false);
  }, link);
  link.removeAttribute("aria-busy");
}

/** Replies that came live may stand in the list already, later than those now loaded. */
function inOrder(list: HTMLElement, item: HTMLElement): void {
  const items = Array.from(list.children) as HTMLElement[];
  list.insertBefore(item, items.find((other) => idOf(other) > idOf(item)) ?? null);
}
