/** Passkeys: making one, and coming in with one. */

import { Problem } from "./api.ts";
import { send } from "./desk-form.ts";

interface Named {
  id: string;
  type: PublicKeyCredentialType;
}

interface Question {
  challenge: string;
  user?: { id: string };
  excludeCredentials?: Named[];
}

if (window.PublicKeyCredential && isSecureContext) {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void run(form);
    });
  }
}

async function run(form: HTMLFormElement): Promise<void> {
  const problem = form.querySelector<HTMLElement>("[role=alert]")!;
  const button = form.querySelector("button")!;
  problem.hidden = true;
  button.disabled = true;
  try {
    const { to } = form.dataset.passkey === "new" ? await made(form) : await given();
    location.assign(to);
  } catch (error) {
    problem.textContent = said(error, form.dataset);
    problem.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

async function made(form: HTMLFormElement): Promise<{ to: string }> {
  const asked = await send<Question & { user: { id: string } }>("/desk/passkeys/new", {});
  const key = (await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: (asked.excludeCredentials ?? []).map(named),
    } as unknown as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential;
  const answer = key.response as AuthenticatorAttestationResponse;
  const name = new FormData(form).get("name");
  return send("/desk/passkeys", {
    name: typeof name === "string" ? name : "",
    answer: told(key, { attestationObject: letters(answer.attestationObject) }),
  });
}

async function given(): Promise<{ to: string }> {
  const asked = await send<Question>("/desk/passkeys/ask", {});
  const key = (await navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      allowCredentials: [],
    } as unknown as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential;
  const answer = key.response as AuthenticatorAssertionResponse;
  return send("/desk/passkeys/sign-in", {
    answer: told(key, {
      authenticatorData: letters(answer.authenticatorData),
      signature: letters(answer.signature),
    }),
  });
}

function told(key: PublicKeyCredential, response: Record<string, string>): string {
  return JSON.stringify({
    id: key.id,
    rawId: letters(key.rawId),
    type: key.type,
    clientExtensionResults: {},
    response: { clientDataJSON: letters(key.response.clientDataJSON), ...response },
  });
}

function said(error: unknown, words: DOMStringMap): string {
  if (error instanceof Problem) return error.message || words.broken!;
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return words.stopped!;
  if (name === "InvalidStateError") return words.there!;
  if (name === "SecurityError") return words.address!;
  return words.broken!;
}

function named(one: Named): PublicKeyCredentialDescriptor {
  return { type: one.type, id: bytes(one.id) };
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

function letters(buffer: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
