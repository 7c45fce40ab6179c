/** Registers the elements, once however often the script is on the page. */

import { BelowlineCountElement } from "./belowline-count-element.ts";
import { BelowlineDiscussionElement } from "./belowline-discussion-element.ts";

declare global {
  interface HTMLElementTagNameMap {
    "belowline-count": BelowlineCountElement;
    "belowline-discussion": BelowlineDiscussionElement;
  }
}

if (!customElements.get("belowline-discussion")) {
  customElements.define("belowline-count", BelowlineCountElement);
  customElements.define("belowline-discussion", BelowlineDiscussionElement);
}
