// @ts-check
// The rows of the list, as the map knows them: data-thing="town-12" says what a row is about,
// data-place where that lies. List and map point at each other.

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

  /** Where in the list a thing stands; Infinity if nowhere. @param {string} thing */
  rankOf(thing) {
    const at = thing ? this.#all.findIndex((row) => row.dataset.thing === thing) : -1;
    return at < 0 ? Infinity : at;
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
    this.#find(thing)?.scrollIntoView({ block: "nearest", behavior: this.#behaviour });
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
      list.scrollIntoView({ block: "start", behavior: this.#behaviour });
    } else {
      const link = this.page.querySelector(".explore-switch a");
      if (link instanceof HTMLAnchorElement) location.assign(link.href);
    }
  }

  /** @returns {ScrollBehavior} */
  get #behaviour() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  }
}
