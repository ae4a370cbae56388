// @ts-check
// The card of a marker that was chosen: a piece of HTML from the server, over the map's lower edge.
// The focus goes into it, and back to its marker when it closes.

import { intoSight } from "./sight.js";

/** @typedef {{thing: string, name: string, back: () => void}} Opened */

export class Card {
  /**
   * @param {HTMLElement} host
   * @param {{address: string, closing: HTMLTemplateElement | null, failed: string, closed: () => void}} how
   */
  constructor(host, how) {
    this.host = host;
    this.how = how;
    this.before = [...host.childNodes];
    /** @type {Opened | null} */
    this.opened = null;
    this.host.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.opened) return;
      event.stopPropagation();
      this.close();
    });
  }

  /** @param {Opened} what */
  async open(what) {
    this.opened = what;
    const [kind, id] = what.thing.split("-");
    const words = await fetch(`${this.how.address}/${kind}/${id}`)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .catch(() => "");
    // Somebody was faster and chose another one.
    if (this.opened !== what) return;
    const piece = document.createElement("template");
    piece.innerHTML = words;
    if (!words) piece.content.append(paragraph(this.how.failed));
    if (!piece.content.querySelector(".card")) wrap(piece);
    const card = piece.content.querySelector(".card");
    const closing = this.how.closing?.content.cloneNode(true);
    if (card && closing) card.prepend(closing);
    this.host.replaceChildren(piece.content);
    this.host.querySelector("[data-close]")?.addEventListener("click", () => this.close());
    this.host.classList.add("map-card-open");
    this.host.setAttribute("role", "dialog");
    this.host.setAttribute("aria-label", what.name);
    this.host.tabIndex = -1;
    this.host.focus({ preventScroll: true });
    // The map's lower edge may lie below the screen's.
    if (this.host.firstElementChild) intoSight(this.host.firstElementChild);
  }

  close() {
    const { opened } = this;
    if (!opened) return;
    const inside = this.host.contains(document.activeElement);
    this.opened = null;
    this.host.classList.remove("map-card-open");
    for (const name of ["role", "aria-label", "tabindex"]) this.host.removeAttribute(name);
    this.host.replaceChildren(...this.before);
    this.how.closed();
    if (inside) opened.back();
  }
}

/** @param {HTMLTemplateElement} piece */
function wrap(piece) {
  const card = document.createElement("div");
  card.className = "card card-orange town-card";
  card.append(...piece.content.childNodes);
  piece.content.append(card);
}

/** @param {string} text */
function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}
