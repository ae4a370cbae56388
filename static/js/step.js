// @ts-check
// The desk's update form: says what the chosen step means, and asks for a reason only where a
// step needs one (its radio has data-reason). Without this the field just stands there.

/** @param {HTMLFormElement} form */
export default function step(form) {
  const reasons = form.querySelector("[data-reasons]");
  const select = reasons?.querySelector("select");
  if (!(reasons instanceof HTMLElement) || !select) return;

  const draw = () => {
    const chosen = form.querySelector('[name="status"]:checked');
    for (const meaning of form.querySelectorAll("[data-step]")) {
      const value = chosen instanceof HTMLInputElement ? chosen.value : "";
      meaning.toggleAttribute("hidden", meaning.getAttribute("data-step") !== value);
    }
    reasons.hidden = !chosen?.hasAttribute("data-reason");
    select.disabled = reasons.hidden;
  };
  form.addEventListener("change", draw);
  // The browser's "back" restores what was chosen after the page is there.
  window.addEventListener("pageshow", draw);
  draw();
}
