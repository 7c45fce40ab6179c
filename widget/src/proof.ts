/** Proof of work (ALTCHA, version 2): the first counter whose derived key has the prefix asked for. */

export interface Challenge {
  parameters: {
    algorithm: string;
    cost: number;
    keyLength: number;
    keyPrefix: string;
    nonce: string;
    salt: string;
  };
  signature: string;
}

/** What is sent when the work cannot be done: the comment waits for a moderator instead. */
export const UNABLE = "unable";

const PATIENCE = 60_000;

/** The proof to send. Derives keys beside the page's own work, so that it stays usable. */
export async function solve(challenge: Challenge): Promise<string> {
  const { algorithm, cost, keyLength, keyPrefix, nonce, salt } = challenge.parameters;
  const [derivation, hash] = algorithm.split("/");
  // Pages without https have no `crypto.subtle`.
  if (!crypto.subtle || derivation !== "PBKDF2" || !hash) return UNABLE;
  const until = Date.now() + PATIENCE;
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const view = new DataView(password.buffer);
  const how = { name: derivation, hash, salt: bytes(salt), iterations: cost };
  for (let counter = 0; Date.now() < until; counter += 1) {
    view.setUint32(start.length, counter);
    const key = await crypto.subtle.importKey("raw", password, derivation, false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) {
      return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    }
  }
  return UNABLE;
}

function bytes(hexadecimal: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
