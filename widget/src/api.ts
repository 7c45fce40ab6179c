/** Requests to the server. What it refuses is a `Problem`; what never arrived is a `TypeError`. */

import type { Challenge } from "./proof.ts";

const TOKEN = "belowline:token";
const KNOWN = /(^|; )belowline_known=1/;
const PATIENCE = 20_000;

/** An answer that says no: RFC 9457. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly challenge: Challenge | undefined;
  /** Where it is explained why somebody is stopped, and how to object. */
  readonly statement: string;

  constructor(status: number, code: string, detail: string, challenge?: Challenge, statement = "") {
    super(detail);
    this.statement = statement;
    this.status = status;
    this.code = code;
    this.challenge = challenge;
  }

  /** True when the request was understood and refused, so that repeating it changes nothing. */
  get final(): boolean {
    return this.status < 500 && this.status !== 408;
  }
}

export interface Written {
  comment: { id: string; parent: string | null; status: string };
  message: string;
  html: string;
}

interface Asked {
  method?: string;
  body?: unknown;
  key?: string;
}

export class Api {
  readonly origin: string;
  readonly language: string;
  #token: string | null;
  #guest: Promise<void> | undefined;

  constructor(origin: string, language: string) {
    this.origin = origin;
    this.language = language;
    this.#token = this.home ? null : stored(TOKEN);
  }

  get home(): boolean {
    return this.origin === location.origin;
  }

  /** Whether this browser has acted here before, so that there may be something personal. */
  get known(): boolean {
    return !!this.#token || (this.home && KNOWN.test(document.cookie));
  }

  async fragment(path: string, query: Record<string, string | undefined> = {}): Promise<string> {
    return (await this.#read(withQuery(path, { ...query, lang: this.language }))).text();
  }

  async json<T>(path: string, asked: Asked = {}): Promise<T> {
    const answer = await (asked.method ? this.#fetch(path, asked) : this.#read(path));
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** A request that changes something. Whoever is unknown becomes a guest first: without a
   *  credential a repeated request could not be recognised as the same one. */
  async write<T = void>(path: string, asked: Asked): Promise<T> {
    await this.#becomeKnown();
    try {
      return await this.json<T>(path, asked);
    } catch (problem) {
      if (!isStranger(problem)) throw problem;
      this.#token = keep(TOKEN, null);
      await this.#newGuest();
      return this.json<T>(path, asked);
    }
  }

  /** A credential that the server does not know any more must not keep anyone from reading. */
  async #read(path: string): Promise<Response> {
    try {
      return await this.#fetch(path);
    } catch (problem) {
      if (!isStranger(problem) || !this.#token) throw problem;
      this.#token = keep(TOKEN, null);
      return this.#fetch(path);
    }
  }

  async #becomeKnown(): Promise<void> {
    if (this.known) return;
    this.#guest ??= this.#newGuest();
    try {
      await this.#guest;
    } finally {
      this.#guest = undefined;
    }
  }

  async #newGuest(): Promise<void> {
    const { token } = await this.json<{ token: string }>("/api/v1/guests", { method: "POST" });
    if (!this.home) this.#token = keep(TOKEN, token);
    else if (!KNOWN.test(document.cookie)) this.#token = token; // no cookies here: while it is open
  }

  async #fetch(path: string, { method = "GET", body, key }: Asked = {}): Promise<Response> {
    const headers = new Headers({ "Accept-Language": this.language });
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (key) headers.set("Idempotency-Key", key);
    if (this.#token) headers.set("Authorization", `Bearer ${this.#token}`);
    const answer = await fetch(this.origin + path, {
      method,
      headers,
      credentials: this.home ? "same-origin" : "omit",
      signal: AbortSignal.timeout(PATIENCE),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw await problem(answer);
    return answer;
  }
}

export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) wanted.set(name, value);
  return wanted.size ? `${path}?${wanted}` : path;
}

/** A key for one intention. `crypto.randomUUID` does not exist on pages without https. */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) =>
    b.toString(16).padStart(2, "0"),
  ).join("");
}

/** What this browser keeps under a name; nothing where storage is switched off. */
export function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a value, or forgets it when it is null. */
export function keep(name: string, value: string | null): string | null {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // storage is full or switched off: the value lives as long as the page
  }
  return value;
}

function isStranger(problem: unknown): boolean {
  return problem instanceof Problem && problem.code === "token_bad";
}

async function problem(answer: Response): Promise<Problem> {
  const said = (await answer.json().catch(() => ({}))) as {
    code?: string;
    detail?: string;
    challenge?: Challenge;
    statement?: string;
  };
  const { code = "", detail = "", challenge, statement } = said;
  return new Problem(answer.status, code, detail, challenge, statement);
}
