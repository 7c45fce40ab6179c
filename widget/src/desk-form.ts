/** What the desk's script sends as a form does, answered as JSON. */

import { Problem } from "./api.ts";

const PATIENCE = 20_000;

export async function send<T>(path: string, fields: Record<string, string>): Promise<T> {
  const answer = await fetch(path, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang },
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.ok) return (await answer.json()) as T;
  const said = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Problem(answer.status, said.code ?? "", said.detail ?? "");
}
