/** The live stream: one EventSource that heals itself, remembers where it was and rests in hidden
 *  tabs. */

export type Handlers = Record<string, (data: never) => void>;

const SILENCE = 60_000; // the server says something at least every 25 seconds
const HIDDEN = 30_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;

export class Stream {
  #address: (after: string) => string;
  #handlers: Handlers;
  #bookmark: string;
  #source: EventSource | undefined;
  #failures = 0;
  #retry = 0;
  #silence = 0;
  #hidden = 0;

  /** Begins after event number `after`; ends when `signal` aborts. */
  constructor(
    address: (after: string) => string,
    after: string,
    handlers: Handlers,
    signal: AbortSignal,
  ) {
    this.#address = address;
    this.#bookmark = after;
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal });
    window.addEventListener("online", () => this.open(), { signal });
    window.addEventListener("offline", () => this.#again(), { signal });
    window.addEventListener("pagehide", () => this.#close(), { signal });
    window.addEventListener("pageshow", () => this.#source || this.open(), { signal });
    signal.addEventListener("abort", () => this.#close());
    this.open();
  }

  /** Goes on from another number: after the whole discussion was loaded anew. */
  restart(after: string): void {
    this.#bookmark = after;
    this.open();
  }

  open(): void {
    this.#close();
    const source = new EventSource(this.#address(this.#bookmark));
    this.#source = source;
    for (const name of Object.keys(this.#handlers)) {
      source.addEventListener(name, (event) => this.#hear(name, event));
    }
    source.onopen = () => this.#alive();
    source.onerror = () => this.#again();
    this.#watchSilence();
  }

  #hear(name: string, event: MessageEvent<string>): void {
    this.#alive();
    this.#handlers[name]?.(JSON.parse(event.data) as never);
    if (event.lastEventId) this.#bookmark = event.lastEventId;
  }

  #alive(): void {
    this.#failures = 0;
    this.#watchSilence();
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => this.#again(), SILENCE);
  }

  /** Comes back after a while that grows, spread out so that not all pages return at once. */
  #again(): void {
    this.#close();
    if (document.hidden) return;
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures++);
    this.#retry = window.setTimeout(() => this.open(), delay * (0.5 + Math.random()));
  }

  #visibility(): void {
    clearTimeout(this.#hidden);
    if (document.hidden) this.#hidden = window.setTimeout(() => this.#close(), HIDDEN);
    else if (!this.#source) this.open();
  }

  #close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = undefined;
  }
}
