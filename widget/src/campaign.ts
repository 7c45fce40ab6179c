/** The keys of a campaign's page: those of the queue, for all its copies at once. */

import { Keyboard } from "./desk-keys.ts";

const reject = document.querySelector<HTMLDetailsElement>(".dk-reject-all");
const approve = document.querySelector<HTMLButtonElement>(".dk-all .dk-yes");
const queue = document.querySelector<HTMLAnchorElement>(".dk-to-queue");
if (reject && approve && queue) listen(reject, approve, queue);

function listen(
  reject: HTMLDetailsElement,
  approve: HTMLButtonElement,
  queue: HTMLAnchorElement,
): void {
  for (const key of document.querySelectorAll<HTMLElement>("kbd[hidden]")) key.hidden = false;
  const keyboard = new Keyboard({
    a: () => approve.click(),
    r: () => {
      reject.open = true;
      reject.querySelector<HTMLButtonElement>("button")?.focus();
    },
    Escape: () => {
      const writing = document.activeElement?.closest<HTMLElement>("textarea, select");
      if (writing) {
        writing.blur(); // a note is not lost to a key
      } else if (reject.open) {
        reject.open = false;
        reject.querySelector("summary")?.focus();
      } else {
        queue.click();
      }
    },
  });
  document.addEventListener("keydown", (event) => {
    const ticks = (event.target as Element).matches('input[type="checkbox"]');
    if (ticks && event.key === "Enter") event.preventDefault(); // it would send the form
  });
  // A slip must not approve what is being rejected.
  keyboard.layer = (key) => {
    if (!reject.open || !/^[0-9a-z]$/.test(key)) return false;
    const button = reject.querySelector<HTMLButtonElement>(`[data-key="${key}"]`);
    button?.click();
    return !!button || key === "a";
  };
}
