/** Keys of the desk. They are silent where somebody writes, with a modifier, and when switched off. */

import { keep, stored } from "./api.ts";

const OFF = "belowline:desk-keys-off";

const STEPS = new Set(["j", "k", "ArrowDown", "ArrowUp"]); // these may be held down

export type Keys = Record<string, () => void>;

export class Keyboard {
  #keys: Keys;
  #layer: ((key: string) => boolean) | undefined;

  constructor(keys: Keys) {
    this.#keys = keys;
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  get on(): boolean {
    return stored(OFF) === null;
  }

  set on(wanted: boolean) {
    keep(OFF, wanted ? null : "1");
  }

  /** Asks `layer` first from now on, as while a reason is chosen; nothing ends that. */
  set layer(layer: ((key: string) => boolean) | undefined) {
    this.#layer = layer;
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const key = pressed(event);
    if (key !== "Escape" && (!this.on || writes(event.target))) return;
    if (event.repeat && !STEPS.has(key)) return;
    if (key.startsWith("Arrow") && chooses(event.target)) return;
    if (this.#layer?.(key)) {
      event.preventDefault();
      return;
    }
    const act = Object.hasOwn(this.#keys, key) ? this.#keys[key] : undefined;
    if (!act) return;
    if (key !== "Escape") event.preventDefault();
    act();
  }
}

/** Signs that are keys of the desk, wherever a keyboard has them. */
const OUR_SIGNS = ["*", "?", "/"];

/** What was pressed, on any keyboard: where Arabic, Cyrillic or Greek letters stand, or digits need
 *  Shift, the key at the same place counts. */
function pressed({ key, code, shiftKey }: KeyboardEvent): string {
  if (/^[ -~]{2,}$/.test(key)) return key; // a name, such as Escape
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (digit && !shiftKey && !OUR_SIGNS.includes(key)) return digit;
  if (/^[ -~]$/.test(key)) return key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return letter.toLowerCase();
  return code === "Slash" ? (shiftKey ? "?" : "/") : key;
}

/** Arrows choose among radio buttons. */
function chooses(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input[type="radio"]');
}

function writes(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches('textarea, select, input:not([type="checkbox"], [type="radio"]), [contenteditable]')
  );
}
