// @ts-check
// What somebody can see: whether one thing lies over another, and how it comes into sight.

/** Whether somebody wants no motion. */
export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Scroll no further than needed. @param {Element} element @param {ScrollLogicalPosition} [block] */
export function intoSight(element, block = "nearest") {
  element.scrollIntoView({ block, behavior: isCalm() ? "auto" : "smooth" });
}

/** Whether something of what lies over the map lies over a marker. @param {Element} pin @param {Element} over */
export function lies(pin, over) {
  const own = pin.getBoundingClientRect();
  return [...over.children].some((one) => meet(own, one.getBoundingClientRect()));
}

/** Move the map so that a card doesn't lie over its marker. @param {any} map @param {Element} pin @param {Element} card */
export function uncover(map, pin, card) {
  const inside = card.firstElementChild;
  if (!inside || !pin.isConnected) return;
  const [own, over] = [pin.getBoundingClientRect(), inside.getBoundingClientRect()];
  if (meet(own, over)) map.panBy([0, own.bottom - over.top + 16]);
}

/** @param {DOMRect} a @param {DOMRect} b */
const meet = (a, b) =>
  b.height > 0 && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
