/** The names by which an embedding page styles what stands in the shadow root:
 *  `belowline-discussion::part(comment)`. docs/embedding.md has the list. */

const PARTS: Record<string, string> = {
  ".bl-title": "title",
  ".bl-orders": "orders",
  ".bl-composer": "composer",
  "textarea": "box",
  ".bl-send": "send",
  ".bl-arrivals": "arrivals",
  ".bl-comment": "comment",
  ".bl-name": "name",
  ".bl-badge": "badge",
  ".bl-age": "age",
  ".bl-text": "text",
  ".bl-actions": "actions",
  ".bl-notice": "notice",
  ".bl-gone": "gone",
  ".bl-more": "more",
  ".bl-more-replies": "more",
};

/** Names the parts of what has just come below `ground`. */
export function nameParts(ground: ParentNode): void {
  for (const [selector, name] of Object.entries(PARTS)) {
    if (ground instanceof Element && ground.matches(selector)) ground.setAttribute("part", name);
    for (const part of ground.querySelectorAll(selector)) part.setAttribute("part", name);
  }
}
