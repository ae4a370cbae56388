// @ts-check
// List and map point at each other: what the mouse or the focus is at lights up on the other side.

import { lies } from "./sight.js";

/**
 * @param {{section: HTMLElement, markers: import("./markers.js").Markers, rows: import("./rows.js").Rows,
 *   card: import("./card.js").Card, follow: import("./follow.js").Follow}} parts
 */
export function point({ section, markers, rows, card, follow }) {
  const over = section.querySelector(".map-over");
  let pointed = "";
  // What somebody points at; without that, what they chose last.
  const mark = () => rows.mark(pointed && rows.has(pointed) ? pointed : (card.opened?.thing ?? ""));

  /** @param {Event} event */
  const at = ({ target }) => {
    if (follow.swapping) return;
    const row = rows.of(target);
    const pin = target instanceof Element ? target.closest(".pin-button") : null;
    if (!row && !pin) return;
    pointed = row?.thing ?? (pin instanceof HTMLElement ? pin.dataset.thing : "") ?? "";
    markers.light(pointed, row?.place);
    mark();
    over?.classList.toggle("map-over-pale", pin?.matches(":focus-visible") && lies(pin, over));
  };
  // A page that scrolls under a resting mouse is pointed at by nobody.
  let rests = "";
  /** @param {PointerEvent} event */
  const placeOf = ({ clientX, clientY }) => `${clientX},${clientY}`;
  document.addEventListener("pointermove", (event) => (rests = placeOf(event)));
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && placeOf(event) !== rests) at(event);
  });
  document.addEventListener("focusin", at);
  return { mark };
}
