// @ts-check
// A form that is being sent says so on its button and is sent once.
// The button's data-busy holds the words.

/** @param {HTMLFormElement} form */
export default function busy(form) {
  /** @type {(() => void) | undefined} */
  let undo;

  form.addEventListener("submit", (event) => {
    if (undo) {
      event.preventDefault();
      return;
    }
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    const label = button.querySelector("span");
    const before = label?.textContent ?? "";

    // Under 300 ms nothing shows. Not `disabled`: that would drop the button's own name and value.
    const timer = setTimeout(() => {
      button.classList.add("button-busy");
      button.setAttribute("aria-disabled", "true");
      if (label && button.dataset.busy) label.textContent = button.dataset.busy;
    }, 300);
    undo = () => {
      clearTimeout(timer);
      button.classList.remove("button-busy");
      button.removeAttribute("aria-disabled");
      if (label) label.textContent = before;
      undo = undefined;
    };
  });

  // The browser's "back" shows the page as it was left, typed text and all: make it ready again.
  window.addEventListener("pageshow", () => undo?.());
}
