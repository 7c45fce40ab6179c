/** The display name, set in place. */

import { announce, commentOf, type Discussion, find, said } from "./discussion.ts";
import { make } from "./html.ts";

/** Turns "Commenting as … · Set" into a box for the name until it is saved or left. */
export function editName(d: Discussion, link: HTMLElement): void {
  const line = link.closest<HTMLElement>(".bl-who");
  if (!line) return;
  const before = Array.from(line.childNodes);
  const label = d.say.text("name");
  const input = make("input", {
    type: "text",
    maxlength: "200",
    autocomplete: "nickname",
    dir: "auto",
    "aria-label": label,
    placeholder: label,
  });
  input.value = d.personal.me?.name ?? "";
  const problem = make("span", { class: "bl-problem", role: "alert" });
  const close = () => {
    line.replaceChildren(...before);
    d.personal.showName();
    link.focus();
  };
  const save = () => void saveName(d, input.value).then(close, (error: unknown) => {
    problem.replaceChildren(...said(d, error));
    input.focus();
  });
  line.replaceChildren(
    input,
    make("button", { type: "button", class: "bl-quiet-button", click: save }, d.say.text("save")),
    make("button", { type: "button", class: "bl-quiet-button", click: close }, d.say.text("cancel")),
    problem,
  );
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault(); // the box stands in the comment's form, which must not be sent
    event.stopPropagation();
    if (event.key === "Enter") save();
    else close();
  });
  input.focus();
}

/** Gives a user another name wherever it stands on the page. */
export function rename(d: Discussion, author: string, name: string): void {
  const shown = name || d.say.text("noName");
  const own = `[data-author="${CSS.escape(author)}"] > .bl-body .bl-name bdi`;
  for (const line of d.root.querySelectorAll(own)) line.textContent = shown;
  for (const line of d.root.querySelectorAll(".bl-to bdi")) {
    const above = find(d, commentOf(line).dataset.parent ?? "");
    if (above?.dataset.author === author) line.textContent = shown;
  }
  if (d.personal.me?.id === author) {
    d.personal.me.name = name;
    d.personal.showName();
  }
}

async function saveName(d: Discussion, wanted: string): Promise<void> {
  type Me = { id: string; name: string; role: string };
  const me = await d.api.write<Me>("/api/v1/me", { method: "PATCH", body: { name: wanted } });
  d.personal.me = me;
  rename(d, me.id, me.name);
  announce(d, me.name);
}
