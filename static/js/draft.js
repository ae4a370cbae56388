// @ts-check
// Keeps a comment that is being written while somebody pages through the talk, or turns its order.
// For this tab only, and gone once it is sent.

/** @param {HTMLElement} form */
export default function draft(form) {
  const field = form.querySelector("textarea");
  if (!(form instanceof HTMLFormElement) || !field) {
    return;
  }
  const name = `draft ${location.pathname}`;
  try {
    field.value ||= sessionStorage.getItem(name) ?? "";
    field.addEventListener("input", () => sessionStorage.setItem(name, field.value));
    form.addEventListener("submit", () => sessionStorage.removeItem(name));
  } catch {
    // No storage here: paging then asks for the words again.
  }
}
