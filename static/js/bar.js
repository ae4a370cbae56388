// @ts-check
// The vote bar of the phone: shown while the vote card is out of sight and no field has focus.
// data-watches holds the id of the vote card.

/** @param {HTMLElement} bar */
export default function bar(bar) {
  const card = document.getElementById(bar.dataset.watches ?? "");
  if (!card) return;
  let inSight = true;

  const draw = () => {
    const typing = document.activeElement?.matches("input, textarea, select") ?? false;
    bar.hidden = inSight || typing;
    document.documentElement.classList.toggle("has-bar", !bar.hidden);
  };
  new IntersectionObserver(([entry]) => {
    inSight = entry.isIntersecting;
    draw();
  }).observe(card);
  document.addEventListener("focusin", draw);
  document.addEventListener("focusout", () => setTimeout(draw));
}
