// @ts-check
// The rows of the list, as the map knows them: data-thing="town-12" says what a row is about,
// data-place where that lies. List and map point at each other.

import { intoSight } from "./sight.js";

export class Rows {
  /** @param {Document} page */
  constructor(page) {
    this.page = page;
  }

  get #all() {
    return /** @type {HTMLElement[]} */ ([...this.page.querySelectorAll("#list [data-thing]")]);
  }

  /** @param {string} thing */
  #find(thing) {
    return this.#all.find((row) => row.dataset.thing === thing);
  }

  /** @param {string} thing */
  has(thing) {
    return this.#find(thing) !== undefined;
  }

  /** Where in the list each thing stands. */
  ranks() {
    return new Map(this.#all.map((row, rank) => [row.dataset.thing ?? "", rank]));
  }

  /** What a marker of this thing is called, where the list knows more of it. @param {string} thing */
  nameOf(thing) {
    return (thing && this.#find(thing)?.dataset.name) || "";
  }

  /** What the row around an element is about. @param {EventTarget | null} element */
  of(element) {
    const row = element instanceof Element ? element.closest("#list [data-thing]") : null;
    if (!(row instanceof HTMLElement)) return null;
    const place = row.dataset.place?.split(",").map(Number);
    return { thing: row.dataset.thing ?? "", place: place?.length === 2 ? place : undefined };
  }

  /** @param {string} thing "" for none */
  mark(thing) {
    for (const row of this.#all) row.classList.toggle("town-row-selected", row.dataset.thing === thing);
  }

  /** Bring a row into sight. @param {string} thing */
  show(thing) {
    const row = this.#find(thing);
    if (row) intoSight(row);
  }

  /** Is there a list beside the map at all? */
  visible() {
    const list = this.page.querySelector("#list");
    return list instanceof HTMLElement && list.offsetParent !== null;
  }

  /** To the list itself, or to its page where the map has the screen alone. */
  go() {
    const list = this.page.querySelector("#list");
    if (!(list instanceof HTMLElement)) return;
    if (this.visible()) {
      list.tabIndex = -1;
      list.focus({ preventScroll: true });
      intoSight(list, "start");
    } else {
      const link = this.page.querySelector(".explore-switch a");
      if (link instanceof HTMLAnchorElement) location.assign(link.href);
    }
  }
}
