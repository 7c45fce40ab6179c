/** Looking after whoever looks after the discussion: the dose, a pause, a word of somebody civil. */

import { Api, keep, stored } from "./api.ts";
import type { Sentences } from "./strings.ts";

const UNVEILED = "belowline:desk-unveiled";
const SITTING = "belowline:desk-sitting";
const RUN = 8; // hard ones in a row after which something civil is shown
const MANY = 40; // hard ones in a sitting after which a break is proposed, and again
const LONG = 50 * 60_000;
const OVER = 30 * 60_000; // a sitting ends when nothing was decided for so long

interface Sitting {
  began: number;
  last: number;
  decided: number;
  hard: number;
  told: number;
}

export class Care {
  #api: Api;
  #say: Sentences;
  #run = 0;
  #sitting: Sitting;
  #until = 0;
  #strip = one(".dk-care");

  constructor(api: Api, say: Sentences, minutes: number) {
    this.#api = api;
    this.#say = say;
    this.#sitting = this.#resumed();
    if (minutes) this.#until = this.#sitting.began + minutes * 60_000;
    one(".dk-care-on").addEventListener("click", () => this.hide());
    one<HTMLInputElement>(".dk-veils").checked = this.veils;
    one(".dk-veils").addEventListener("change", (event) => {
      keep(UNVEILED, (event.target as HTMLInputElement).checked ? null : "1");
      this.veil();
    });
    this.veil();
    this.#count();
    setInterval(() => this.#count(), 20_000);
  }

  get veils(): boolean {
    return stored(UNVEILED) === null;
  }

  get shown(): boolean {
    return !this.#strip.hidden;
  }

  /** Blurs hurtful words again, as on each new card. */
  veil(): void {
    document.body.classList.toggle("dk-veiled", this.veils);
  }

  /** Shows them, or blurs them again; answers whether they are shown now. */
  toggle(): boolean {
    return !document.body.classList.toggle("dk-veiled");
  }

  hide(): void {
    this.#strip.hidden = true;
  }

  /** Something was decided; `hard` when it was one of those that wear people out. */
  decided(hard: boolean): void {
    const sitting = this.#sitting;
    this.hide();
    sitting.last = Date.now();
    sitting.decided += 1;
    if (hard) sitting.hard += 1;
    this.#run = hard ? this.#run + 1 : 0;
    this.#keep();
    this.#count();
    if (this.#run === RUN) void this.#rest();
    else if (sitting.hard >= MANY * (sitting.told + 1)) this.#proposeBreak();
    else if (sitting.last - sitting.began > LONG * (sitting.told + 1)) this.#proposeBreak();
  }

  undone(hard: boolean): void {
    this.#sitting.decided = Math.max(0, this.#sitting.decided - 1);
    if (hard) this.#sitting.hard = Math.max(0, this.#sitting.hard - 1);
    this.#keep();
    this.#count();
  }

  async #rest(): Promise<void> {
    const run = this.#run;
    this.#run = 0;
    try {
      const civil = await this.#api.json<{ name: string; text: string }>("/fragments/desk/civil");
      const quote = one(".dk-care-quote");
      quote.textContent = `${civil.text} — ${civil.name || this.#say.text("noName")}`;
      quote.hidden = false;
      this.#show(
        `${this.#say.text("breakAfter", { number: this.#say.number(run) })} ${this.#say.text("civil")}`,
      );
    } catch {
      this.#proposeBreak();
    }
  }

  #proposeBreak(): void {
    this.#sitting.told += 1;
    this.#keep();
    one(".dk-care-quote").hidden = true;
    this.#show(this.#say.text("break"));
  }

  #show(sentence: string): void {
    one(".dk-care-text").textContent = sentence;
    this.#strip.hidden = false;
  }

  #count(): void {
    const { decided, hard } = this.#sitting;
    const parts = [];
    if (this.#until) {
      const left = Math.max(0, Math.ceil((this.#until - Date.now()) / 60_000));
      parts.push(this.#say.counted("minutes", left));
      if (left === 0) {
        this.#until = 0;
        one(".dk-care-quote").hidden = true;
        this.#show(this.#say.text("timeIsUp", { number: this.#say.number(decided) }));
      }
    }
    if (decided) parts.push(this.#say.counted("dose", decided));
    if (hard) parts.push(this.#say.counted("hard", hard));
    const place = one(".dk-dose");
    place.textContent = parts.join(" · ");
    place.hidden = !parts.length;
  }

  #resumed(): Sitting {
    const now = Date.now();
    const fresh = { began: now, last: now, decided: 0, hard: 0, told: 0 };
    try {
      const kept = JSON.parse(sessionStorage.getItem(SITTING) ?? "") as Sitting;
      return now - kept.last < OVER ? kept : fresh;
    } catch {
      return fresh;
    }
  }

  #keep(): void {
    try {
      sessionStorage.setItem(SITTING, JSON.stringify(this.#sitting));
    } catch {
      // Then it lasts as long as the page.
    }
  }
}

function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector)!;
}
