// @ts-check
// The vote bar of the phone: shown while the vote card is out of sight and nobody fills a form.
// data-watches holds the id of the vote card.

// A finger that leaves a field for the button under it must find the button where it was.
const PAUSE = 400;

/** @param {HTMLElement} bar */
export default function bar(bar) {
  const card = document.getElementById(bar.dataset.watches ?? "");
  if (!card) return;
  let inSight = true;
  let pressed = false;
  let timer = 0;

  const draw = () => {
    const inForm = document.activeElement?.closest("form") ?? null;
    const busy = pressed || (inForm !== null && !bar.contains(inForm));
    bar.hidden = inSight || busy;
    document.documentElement.classList.toggle("has-bar", !bar.hidden);
  };
  const drawLater = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE);
  };
  new IntersectionObserver(([entry]) => {
    inSight = entry.isIntersecting;
    draw();
  }).observe(card);
  document.addEventListener("pointerdown", () => (pressed = true));
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      pressed = false;
      drawLater();
    });
  }
  document.addEventListener("focusin", draw);
  document.addEventListener("focusout", drawLater);
}
