// @ts-check
// A <details> menu closes on Escape (focus returns to its key) and on a press or focus elsewhere.

/** @param {HTMLDetailsElement} menu */
export default function menu(menu) {
  const key = menu.querySelector("summary");

  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      key?.focus();
    }
  });

  /** @param {Event} event */
  const closeFromOutside = (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  };
  document.addEventListener("pointerdown", closeFromOutside);
  document.addEventListener("focusin", closeFromOutside);
}
