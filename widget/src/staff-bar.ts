/** The staff's bar on our own story pages: it shows what somebody else has just set. */

interface Pace {
  story: string;
  mode: string;
  slow: number;
}

export function keepStaffBar(bar: HTMLElement): void {
  addEventListener("belowline:mode", (event) => {
    const told = (event as CustomEvent<Pace>).detail;
    if (told.story !== bar.dataset.story) return;
    show(bar, "mode", told.mode);
    show(bar, "slow", String(told.slow));
  });
}

/** Also as what was there before, so that saving something else does not set it back. */
function show(bar: HTMLElement, name: string, value: string): void {
  const choice = bar.querySelector<HTMLSelectElement>(`select[name="${name}"]`);
  const before = bar.querySelector<HTMLInputElement>(`input[name="was_${name}"]`);
  if (!choice || !before) return;
  const listed = Array.from(choice.options, (option) => option.value);
  if (!listed.includes(value)) choice.add(new Option(value, value));
  choice.value = value;
  before.value = value;
}
