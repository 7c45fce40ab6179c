/** The device's own share sheet where there is one, the clipboard otherwise. */

export type Shared = "shared" | "copied" | "neither";

export async function share(url: string, title: string): Promise<Shared> {
  if (hasSheet()) {
    try {
      await navigator.share({ url, title });
      return "shared";
    } catch (problem) {
      if ((problem as Error).name === "AbortError") return "neither";
    }
  }
  return (await copy(url)) ? "copied" : "neither";
}

/** Sheets of desktop systems hide more than they offer; a copied link is what people expect there. */
function hasSheet(): boolean {
  return "share" in navigator && matchMedia("(pointer: coarse)").matches;
}

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyWithoutClipboard(text); // pages without https have no clipboard
  }
}

function copyWithoutClipboard(text: string): boolean {
  const box = document.createElement("textarea");
  const focus = document.activeElement as HTMLElement | null;
  box.value = text;
  box.setAttribute("aria-hidden", "true");
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  focus?.focus();
  return done;
}

/** "Share" at the head of our own story pages: a list of links that becomes the device's sheet. */
export function upgradeStoryShare(details: HTMLDetailsElement): void {
  const { url = location.href, title = document.title, copied = "" } = details.dataset;
  details.querySelector("summary")?.addEventListener("click", (event) => {
    if (!hasSheet()) return;
    event.preventDefault();
    void share(url, title);
  });
  const button = details.querySelector<HTMLElement>(".copy");
  if (!button) return;
  button.hidden = false;
  const says = button.textContent;
  button.addEventListener("click", () => {
    void copy(url).then((done) => {
      if (!done) return;
      button.textContent = copied;
      setTimeout(() => (button.textContent = says), 2500);
    });
  });
  document.addEventListener("click", (event) => {
    if (!event.composedPath().includes(details)) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.querySelector("summary")?.focus();
  });
}
