// @ts-check
// A toast leaves after ten seconds, but not while somebody points at it or is inside it.

const STAYS = 10_000;

/** @param {HTMLElement} toast */
export default function toast(toast) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!toast.matches(":hover, :focus-within")) toast.remove();
      else wait();
    }, STAYS);
  };
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
}
