/** The page of alerts: whether this browser is told, and having it told. Nothing is asked of the
 *  person before they press the button. */

import { Problem } from "./api.ts";
import { send } from "./desk-form.ts";

const WORKER = "/desk/push.js";
const SCOPE = "/desk/";

type State = "unsupported" | "insecure" | "refused" | "on" | "off";

const section = document.querySelector<HTMLElement>("[data-push]");
if (section) void open(section);

async function open(section: HTMLElement): Promise<void> {
  section.querySelector("form")!.addEventListener("submit", (event) => {
    event.preventDefault();
    void turnOn(section);
  });
  const subscription = await subscribed();
  show(section, stateOf(subscription));
  if (subscription) keepListed(subscription);
}

function stateOf(subscription: PushSubscription | null): State {
  if (!isSecureContext) return "insecure";
  if (!isSupported()) return "unsupported";
  if (Notification.permission === "denied") return "refused";
  return subscription && listed(subscription) ? "on" : "off";
}

function show(section: HTMLElement, state: State): void {
  for (const part of section.querySelectorAll<HTMLElement>("[data-state]")) {
    part.hidden = part.dataset.state !== state;
  }
}

async function turnOn(section: HTMLElement): Promise<void> {
  const form = section.querySelector("form")!;
  const problem = form.querySelector<HTMLElement>("[role=alert]")!;
  const button = form.querySelector("button")!;
  problem.hidden = true;
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) === "granted") {
      const subscription = await subscribe(section.dataset.key!);
      const { to } = await send<{ to: string }>("/desk/alerts/browsers", {
        ...fieldsOf(form),
        ...told(subscription),
      });
      location.assign(to);
      return;
    }
    show(section, stateOf(null)); // refused, or asked again another time
  } catch (error) {
    problem.textContent = said(error, section.dataset);
    problem.hidden = false;
  }
  button.disabled = false;
  button.focus();
}

async function subscribe(key: string): Promise<PushSubscription> {
  await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  const registration = await active();
  const before = await registration.pushManager.getSubscription();
  if (before && keyOf(before) !== key) await before.unsubscribe(); // of another key, or site
  return registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(key),
  });
}

/** The registration once its worker runs: `serviceWorker.ready` is for this page's own only. */
async function active(): Promise<ServiceWorkerRegistration> {
  const registration = (await navigator.serviceWorker.getRegistration(SCOPE))!;
  const starting = registration.installing ?? registration.waiting;
  if (registration.active || !starting) return registration;
  await new Promise<void>((done) => {
    starting.addEventListener("statechange", () => {
      if (starting.state === "activated" || starting.state === "redundant") done();
    });
  });
  return registration;
}

/** Has the list know a browser under the session that it has now, and forgets the subscription
 *  with the alert. */
function keepListed(subscription: PushSubscription): void {
  const form = listed(subscription);
  if (!form) return;
  if (!("here" in form.dataset)) {
    const was = subscription.endpoint;
    send("/desk/alerts/browsers/renew", { was, ...told(subscription) }).catch(() => undefined);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void subscription
      .unsubscribe()
      .catch(() => undefined)
      .then(() => form.submit());
  });
}

function listed(subscription: PushSubscription): HTMLFormElement | undefined {
  const forms = document.querySelectorAll<HTMLFormElement>("form[data-endpoint]");
  return [...forms].find((form) => form.dataset.endpoint === subscription.endpoint);
}

async function subscribed(): Promise<PushSubscription | null> {
  if (!isSecureContext || !isSupported()) return null;
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function isSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

function told(subscription: PushSubscription): Record<string, string> {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint: endpoint!, p256dh: keys!.p256dh!, auth: keys!.auth! };
}

function fieldsOf(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

function said(error: unknown, words: DOMStringMap): string {
  if (error instanceof Problem) return error.message || words.broken!;
  return (error instanceof DOMException ? words.unreached : words.broken)!;
}

function keyOf(subscription: PushSubscription): string {
  const key = subscription.options.applicationServerKey;
  const plain = key ? btoa(String.fromCharCode(...new Uint8Array(key))) : "";
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}
