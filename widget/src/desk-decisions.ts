/** Decisions: shown at once, sent in the background, taken back on request. */

import { type Api, Problem } from "./api.ts";
import { send } from "./desk-form.ts";

export interface Judgement {
  id: string;
  revision: number;
  decision: "publish" | "reject";
  reason: string;
  note: string;
  status: string;
  second: string;
}

/** A decision that was made here. `number` resolves to its id once the server has it. */
export interface Made<T> {
  judgement: Judgement;
  place: T;
  number: Promise<string | null>;
  group: number;
  at: number;
}

/** For so long one key takes a decision back. */
export const UNDO_FOR = 10 * 60_000;

export class Decisions<T> {
  #api: Api;
  #made: Made<T>[] = [];
  #underway = new Map<string, Promise<unknown>>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Resolves once nothing that was done here about the comment is under way. */
  async settled(id: string): Promise<void> {
    for (let busy; (busy = this.#underway.get(id)); ) await busy.catch(() => {});
  }

  busy(id: string): boolean {
    return this.#underway.has(id);
  }

  get anyUnderway(): boolean {
    return this.#underway.size > 0;
  }

  get last(): Made<T> | undefined {
    return this.#made.at(-1);
  }

  /** What was made so far is no longer the last thing that was done. */
  forget(): void {
    this.#made = [];
  }

  /** Sends a decision; the promise rejects with what went wrong. */
  decide(judgement: Judgement, place: T, group: number): Promise<string | null> {
    const { id } = judgement;
    // What is under way now, such as an undo; not this decision too, which would wait for itself.
    const earlier = Promise.resolve(this.#underway.get(id)).catch(() => {});
    const sent = earlier.then(() => this.#send(judgement));
    const made = { judgement, place, number: sent.catch(() => null), group, at: Date.now() };
    if (!judgement.second) this.#made.push(made);
    return this.#during(id, sent).catch((problem) => {
      this.#made = this.#made.filter((other) => other !== made);
      throw problem;
    });
  }

  /** Takes the last decision back, with all that were made at once with it. */
  undo(): { made: Made<T>; done: Promise<void> }[] {
    const group = this.last?.group;
    const undone = [];
    while (this.last && this.last.group === group) {
      const made = this.#made.pop()!;
      if (Date.now() - made.at > UNDO_FOR) break;
      undone.push({ made, done: this.#takeBack(made) });
    }
    return undone;
  }

  #takeBack(made: Made<T>): Promise<void> {
    const done = made.number.then(async (number) => {
      if (number) await this.#api.json(`/api/v1/desk/decisions/${number}`, { method: "DELETE" });
    });
    return this.#during(made.judgement.id, done).then(() => {});
  }

  async #send({ id, revision, status, second, ...rest }: Judgement): Promise<string | null> {
    if (second) {
      const fields = { number: second, decision: rest.decision };
      const { agreed } = await send<{ agreed: boolean }>("/fragments/desk/second", fields);
      return agreed ? "agreed" : null;
    }
    const body = { comments: [{ id, revision, status }], ...rest };
    const answer = await this.#api.json<{ decisions: { id: string }[] }>(
      "/api/v1/desk/decisions",
      { method: "POST", body },
    );
    return answer.decisions[0]?.id ?? null;
  }

  #during<R>(id: string, work: Promise<R>): Promise<R> {
    const before = this.#underway.get(id);
    const all = Promise.allSettled([work, before]).finally(() => {
      if (this.#underway.get(id) === all) this.#underway.delete(id);
    });
    this.#underway.set(id, all);
    return work;
  }
}

export function code(problem: unknown): string {
  return problem instanceof Problem ? problem.code : "";
}
