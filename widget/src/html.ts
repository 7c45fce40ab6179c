/** The one place where HTML is parsed. It comes from the server's own templates, escaped there. */

interface Policy {
  createHTML(html: string): string;
}

const policy = makePolicy();

function makePolicy(): Policy | undefined {
  const types = (window as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } })
    .trustedTypes;
  try {
    return types?.createPolicy("belowline", { createHTML: (html) => html });
  } catch {
    return undefined; // a page that allows no such policy: parsing fails below, and says so
  }
}

/** The nodes of a fragment. Its links are the server's, so on other sites they get its origin. */
export function parse(html: string, origin: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(html) : html;
  if (origin !== location.origin) {
    for (const name of ["href", "action"]) {
      for (const node of template.content.querySelectorAll(`[${name}^="/"]`)) {
        node.setAttribute(name, origin + node.getAttribute(name));
      }
    }
  }
  return template.content;
}

type Child = Node | string | null | undefined | false;

/** An element with attributes, listeners (functions by event name) and children; text stays text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | ((event: Event) => void)> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** What has the focus beside `node`: inside its shadow root if it stands in one. */
export function focused(node: Node): Element | null {
  return (node.getRootNode() as Document | ShadowRoot).activeElement;
}
