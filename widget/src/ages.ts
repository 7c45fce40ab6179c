/** "2 years ago", kept true by one timer for all discussions of the page. */

import type { Sentences } from "./strings.ts";

// The same lengths as belowline/render/dates.py: an age must not change when the widget takes over.
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["week", 7 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const JUST_NOW = 45;
const EVERY = 30_000;

const watched = new Map<ParentNode, Sentences>();
let timer = 0;

/** Keeps the ages below `ground` true until `signal` aborts. */
export function keepAges(ground: ParentNode, say: Sentences, signal: AbortSignal): void {
  watched.set(ground, say);
  timer ||= window.setInterval(() => watched.forEach((s, g) => writeAges(g, s)), EVERY);
  signal.addEventListener("abort", () => {
    watched.delete(ground);
    if (watched.size) return;
    clearInterval(timer);
    timer = 0;
  });
  writeAges(ground, say);
}

/** Writes the ages of all comments below `ground`, except where the exact time was asked for. */
export function writeAges(ground: ParentNode, say: Sentences): void {
  const format = new Intl.RelativeTimeFormat(`${say.language}-u-nu-latn`);
  for (const time of ground.querySelectorAll<HTMLTimeElement>(".bl-age time:not(.bl-exact)")) {
    const age = ageOf(time.dateTime, format) ?? say.text("justNow");
    if (time.textContent !== age) time.textContent = age;
  }
}

/** The exact time in the reader's own zone. */
export function exactly(moment: string, language: string): string {
  return new Intl.DateTimeFormat(`${language}-u-nu-latn`, {
    dateStyle: "medium",
    timeStyle: "medium",
  }).format(new Date(moment));
}

function ageOf(moment: string, format: Intl.RelativeTimeFormat): string | undefined {
  const seconds = (Date.now() - Date.parse(moment)) / 1000;
  if (seconds < JUST_NOW) return undefined;
  const [unit, length] = UNITS.find(([, l]) => seconds >= l) ?? (["minute", 60] as const);
  return format.format(-Math.max(1, Math.floor(seconds / length)), unit);
}
