// @ts-check
// The share field's Copy button; it stays hidden where the clipboard can't be reached.

/** @param {HTMLElement} share */
export default function copy(share) {
  const field = share.querySelector("input");
  const button = share.querySelector("button");
  const label = button?.querySelector("span");
  if (!field || !button || !label || !navigator.clipboard) return;

  const before = label.textContent;
  label.setAttribute("aria-live", "polite");
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    label.textContent = button.dataset.done ?? before;
    setTimeout(() => (label.textContent = before), 4000);
  });
}
