// @ts-check
// A form that sends a passkey's answer. Its button stays hidden where the browser knows no passkeys.
// data-ask: where the question comes from; data-make: make a new key instead of showing one.

/** @param {HTMLFormElement} form */
export default function passkey(form) {
  const known = window.PublicKeyCredential;
  const box = form.closest("[data-passkey]") ?? form;
  const answer = form.querySelector("input[name=credential]");
  const failed = form.querySelector("[data-failed]");
  if (!(answer instanceof HTMLInputElement) || !known?.parseRequestOptionsFromJSON) return;

  if (box instanceof HTMLElement) box.hidden = false;
  const make = form.dataset.make !== undefined;

  /** @param {any} asked */
  const made = (asked) =>
    navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(asked) });
  /** @param {any} asked */
  const shown = (asked) =>
    navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(asked) });

  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    if (failed instanceof HTMLElement) failed.hidden = true;
    try {
      const question = await fetch(form.dataset.ask ?? "", { method: "POST" });
      // Led to another page: the seat is not open any more, the form finds out why.
      if (question.redirected || !question.ok) return form.submit();
      const credential = await (make ? made : shown)(await question.json());
      answer.value = JSON.stringify(credential);
      form.submit();
    } catch {
      // Closed by its owner, or no key at hand: nothing was sent, the button is there again.
      if (failed instanceof HTMLElement) failed.hidden = false;
      busy = false;
    }
  });

  window.addEventListener("pageshow", () => (busy = false));
}
