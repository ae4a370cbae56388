// @ts-check
// The code field takes a code pasted with spaces or dashes and keeps its six digits.

/** @param {HTMLInputElement} input */
export default function code(input) {
  input.addEventListener("input", () => {
    const digits = input.value.replace(/\D/g, "").slice(0, 6);
    if (digits !== input.value) input.value = digits;
  });
}
