/** Sentences. Those of a discussion come with its HTML; these few are needed before it is there. */

type Plural = Partial<Record<Intl.LDMLPluralRule, string>>;
export type Table = Record<string, string | Plural | Record<string, string>>;

const FIRST: Record<string, Table> = {
  en: {
    loading: "Loading comments…",
    failed: "The comments could not be loaded.",
    retry: "Try again",
    comments: { one: "{n} Comment", other: "{n} Comments" },
  },
  de: {
    loading: "Kommentare werden geladen …",
    failed: "Die Kommentare konnten nicht geladen werden.",
    retry: "Erneut versuchen",
    comments: { one: "{n} Kommentar", other: "{n} Kommentare" },
  },
  ar: {
    loading: "جارٍ تحميل التعليقات…",
    failed: "تعذّر تحميل التعليقات.",
    retry: "حاول مرة أخرى",
    comments: {
      zero: "لا تعليقات",
      one: "تعليق واحد",
      two: "تعليقان",
      few: "{n} تعليقات",
      many: "{n} تعليقًا",
      other: "{n} تعليق",
    },
  },
};

/** The sentences of one language, with their places filled. */
export class Sentences {
  readonly language: string;
  #table: Table;
  #plural: Intl.PluralRules;
  #number: Intl.NumberFormat;

  constructor(language: string, table?: Table) {
    this.language = language in FIRST ? language : "en";
    this.#table = { ...FIRST[this.language], ...table };
    this.#plural = new Intl.PluralRules(this.language);
    this.#number = new Intl.NumberFormat(`${this.language}-u-nu-latn`);
  }

  text(name: string, values: Record<string, string> = {}): string {
    return fill(String(this.#table[name] ?? name), values);
  }

  /** A sentence about a number: "3 new comments". */
  counted(name: string, n: number): string {
    const forms = (this.#table[name] ?? {}) as Plural;
    return fill(forms[this.#plural.select(n)] ?? forms.other ?? "{n}", { n: this.number(n) });
  }

  number(n: number): string {
    return this.#number.format(n);
  }

  /** Pairs of code and sentence, such as the reasons of a report. */
  pairs(name: string): [string, string][] {
    return Object.entries((this.#table[name] ?? {}) as Record<string, string>);
  }
}

/** The language of the page around an element, as far as the interface speaks it. */
export function languageOf(element: Element): string {
  const nearest = element.closest("[lang]")?.getAttribute("lang") ?? navigator.language;
  return nearest.split("-")[0]?.toLowerCase() ?? "en";
}

function fill(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}
