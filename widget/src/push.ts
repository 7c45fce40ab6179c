/** The service worker of staff's alerts: shows what comes, and leads to the desk. It serves no
 *  page and keeps nothing. */

interface Told {
  title: string;
  body: string;
  tag: string;
  to: string;
  lang: string;
  dir: NotificationDirection;
}

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Pushed extends Lasting {
  data: { json(): Told } | null;
}

interface Clicked extends Lasting {
  notification: Notification;
}

interface Changed extends Lasting {
  oldSubscription: PushSubscription | null;
  newSubscription: PushSubscription | null;
}

interface Page {
  url: string;
  focus(): Promise<unknown>;
}

interface Worker {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(wanted: object): Promise<Page[]>;
    openWindow(to: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install", heard: (event: Lasting) => void): void;
  addEventListener(name: "push", heard: (event: Pushed) => void): void;
  addEventListener(name: "notificationclick", heard: (event: Clicked) => void): void;
  addEventListener(name: "pushsubscriptionchange", heard: (event: Changed) => void): void;
}

const worker = self as unknown as Worker;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("push", (event) => event.waitUntil(show(event)));
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead((event.notification.data as { to?: string } | null)?.to ?? "/desk"));
});
worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function show(event: Pushed): Promise<void> {
  const told = event.data?.json();
  if (!told) return;
  const options = {
    body: told.body,
    tag: told.tag,
    renotify: true,
    lang: told.lang,
    dir: told.dir,
    icon: "/assets/icon.svg",
    data: { to: told.to },
  };
  await worker.registration.showNotification(told.title, options);
}

/** To an open page of that address, or to a new one; never to another site. */
async function lead(to: string): Promise<void> {
  const wanted = new URL(to, location.origin);
  if (wanted.origin !== location.origin) return;
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = pages.find((page) => new URL(page.url).pathname === wanted.pathname);
  await (open ? open.focus() : worker.clients.openWindow(wanted.href));
}

/** The browser or its push service has changed the address or the keys. */
async function renew({ oldSubscription: old, newSubscription }: Changed): Promise<void> {
  if (!old) return;
  const fresh = newSubscription ?? (await worker.registration.pushManager.subscribe(old.options));
  const { endpoint, keys } = fresh.toJSON();
  await fetch("/desk/alerts/browsers/renew", {
    method: "POST",
    body: new URLSearchParams({
      was: old.endpoint,
      endpoint: endpoint!,
      p256dh: keys!.p256dh!,
      auth: keys!.auth!,
    }),
    credentials: "same-origin",
  });
}
