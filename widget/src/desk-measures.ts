/** Muting or banning the author of a card: a small panel that is filled in and confirmed by keys. */

import type { Api } from "./api.ts";

export interface Wanted {
  author: string;
  kind: "mute" | "ban";
  name: string;
  length: string;
  fields: { kind: string; reason: string; note: string; hours?: number; site?: string };
}

export class Measures {
  #panel = document.querySelector<HTMLDetailsElement>(".dk-measure")!;
  #form = this.#panel.querySelector("form")!;
  #entry: HTMLElement | null = null;
  #wanted: (wanted: Wanted) => void;

  constructor(wanted: (wanted: Wanted) => void) {
    this.#wanted = wanted;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#form.addEventListener("change", () => this.#fit());
    this.#fit();
  }

  get open(): boolean {
    return this.#panel.open;
  }

  get summary(): HTMLElement {
    return this.#panel.querySelector("summary")!;
  }

  /** The card that is shown now; nobody measures staff. */
  at(entry: HTMLElement | null): void {
    this.#entry = entry;
    this.close();
    this.#panel.hidden = !entry || entry.dataset.staff === "1";
    const here = this.#form.querySelector<HTMLInputElement>(".dk-here");
    if (!here) return;
    here.value = entry?.dataset.site ?? "";
    here.closest("label")!.querySelector("span")!.textContent = entry?.dataset.here ?? "";
  }

  openAs(kind: "mute" | "ban"): boolean {
    if (this.#panel.hidden) return false;
    this.#panel.open = true;
    this.#radio("kind", kind)!.checked = true;
    this.#fit();
    this.#form.querySelector<HTMLElement>('[name="reason"]')?.focus();
    return true;
  }

  close(): void {
    this.#panel.open = false;
    this.#form.reset();
    this.#fit();
  }

  /** While the panel is open every key is its own: a slip must not decide the comment. */
  key(key: string): boolean {
    if (!this.open) return false;
    if (key === "Enter") return this.#confirm();
    if (!/^[0-9a-z*/?]$/.test(key)) return false;
    const chosen = [...this.#form.querySelectorAll<HTMLInputElement>(`[data-key="${key}"]`)].find(
      (radio) => !radio.disabled,
    );
    if (!chosen) return true;
    chosen.checked = true;
    this.#fit();
    chosen.focus();
    return true;
  }

  #confirm(): boolean {
    const at = document.activeElement;
    if (at instanceof HTMLButtonElement || at?.tagName === "SUMMARY") return false;
    this.#form.requestSubmit();
    return true;
  }

  /** Shows the lengths that the chosen measure may have. */
  #fit(): void {
    const kind = this.#chosen("kind")?.value ?? "mute";
    for (const radio of this.#form.querySelectorAll<HTMLInputElement>('[name="hours"]')) {
      radio.disabled = !(radio.dataset.kinds ?? "").split(" ").includes(kind);
      radio.closest("label")!.hidden = radio.disabled;
    }
    const chosen = this.#chosen("hours");
    if (!chosen || chosen.disabled) this.#radio("hours", "24")!.checked = true;
    for (const button of this.#form.querySelectorAll<HTMLElement>("[data-does]")) {
      button.hidden = button.dataset.does !== kind;
    }
  }

  #send(): void {
    const entry = this.#entry;
    const [kind, reason, hours] = ["kind", "reason", "hours"].map((name) => this.#chosen(name));
    if (!entry || !kind || !reason || !hours) return;
    const note = this.#form.querySelector<HTMLInputElement>('[name="note"]')!.value.trim();
    const site = this.#chosen("of")?.value;
    const where = site ? { site } : {};
    const fields = { kind: kind.value, reason: reason.value, note, ...where };
    this.#wanted({
      author: entry.dataset.author ?? "",
      kind: kind.value === "ban" ? "ban" : "mute",
      name: entry.querySelector(".dk-line bdi")?.textContent ?? "",
      length: hours.dataset.words ?? "",
      fields: hours.value ? { ...fields, hours: Number(hours.value) } : fields,
    });
    this.close();
  }

  #chosen(name: string): HTMLInputElement | null {
    return this.#form.querySelector<HTMLInputElement>(`[name="${name}"]:checked`);
  }

  #radio(name: string, value: string): HTMLInputElement | null {
    return this.#form.querySelector<HTMLInputElement>(`[name="${name}"][value="${value}"]`);
  }
}

export async function impose(api: Api, { author, fields }: Wanted): Promise<string> {
  const path = `/api/v1/desk/authors/${author}/measures`;
  return (await api.json<{ id: string }>(path, { method: "POST", body: fields })).id;
}

export async function lift(api: Api, measure: string): Promise<void> {
  await api.json(`/api/v1/desk/measures/${measure}`, { method: "DELETE" });
}
