// @ts-check
// The markers of the live map: buttons in an ordered list, so that Tab follows the list beside the
// map. An element stays as long as its thing is in view, and with it the focus.

import { target, thingsOf } from "./clusters.js";
import { draw, made, widths } from "./shapes.js";
import { things } from "./words.js";

/** @typedef {import("./clusters.js").Marker} Marker */
/** @typedef {{item: HTMLLIElement, button: HTMLButtonElement, marker: Marker, at: any, look: string}} Shown */

/** What a marker stands for, as rows of the list know it: "town-12". @param {Marker} marker */
export function thingOf(marker) {
  if (marker.kind === "several" || marker.id === undefined) return "";
  return `${marker.kind === "asking" ? "town" : marker.kind === "library" ? "library" : "circle"}-${marker.id}`;
}

export class Markers {
  /**
   * @param {any} L
   * @param {any} map
   * @param {HTMLOListElement} list in a pane of the map
   * @param {{speech: import("./words.js").Speech, still: (kind: string) => Node[], known: (thing: string) => string}} how
   *   `known`: the name of a thing that the page says elsewhere
   */
  constructor(L, map, list, how) {
    this.L = L;
    this.map = map;
    this.list = list;
    this.how = how;
    this.measures = { wide: widths(how.speech), label: how.speech.short };
    this.chosen = "";
    /** @type {Map<string, Shown>} */
    this.shown = new Map();
    map.on("zoomanim", (/** @type {any} */ event) => this.#slide(event));
    map.on("viewreset zoomend", () => this.#settle());
  }

  /**
   * Show these markers, and only these.
   * @param {Marker[]} markers
   * @param {number} zoom
   * @param {(marker: Marker) => boolean} isAside whether it lies outside of the picture, or is a
   *   copy of what stands nearer to its middle: then neither Tab nor a reader comes by
   */
  show(markers, zoom, isAside) {
    /** @type {Map<string, Shown>} */
    const next = new Map();
    const held = this.list.contains(document.activeElement);
    for (const marker of markers) {
      const copy = Math.floor(marker.x / (256 * 2 ** zoom));
      const key = `${thingOf(marker) || `several-${keyOf(marker)}`}@${copy}`;
      const one = this.shown.get(key) ?? this.#element();
      one.marker = marker;
      one.at = this.map.unproject([marker.x, marker.y], zoom);
      this.#dress(one, isAside(marker));
      next.set(key, one);
    }
    for (const [key, { item }] of this.shown) if (!next.has(key)) item.remove();
    this.shown = next;
    let before = null;
    for (const { item } of next.values()) {
      // Only what stands elsewhere is moved: moving an element would take the focus from it.
      const place = before ? before.nextElementSibling : this.list.firstElementChild;
      if (place !== item) this.list.insertBefore(item, place);
      before = item;
    }
    this.#settle();
    // What had the focus has become part of another marker, or is out of sight.
    if (held && !this.list.contains(document.activeElement)) this.map.getContainer().focus({ preventScroll: true });
  }

  /** The marker of an element inside it. @param {EventTarget | null} element */
  of(element) {
    const item = element instanceof Element ? element.closest("li") : null;
    return [...this.shown.values()].find((one) => one.item === item);
  }

  /** The marker that shows a thing, alone or among several. @param {string} thing @param {any} [place] */
  showing(thing, place) {
    const all = [...this.shown.values()];
    const alone = all.filter(({ marker }) => thingOf(marker) === thing);
    if (alone.length || !place) return alone;
    const at = this.map.project(place, this.map.getZoom());
    const across = 256 * 2 ** this.map.getZoom();
    return all.filter(({ marker }) =>
      marker.cells.some(
        ({ x, y }) => Math.abs(at.y - y) <= 32 && Math.abs(((at.x - x + across * 1.5) % across) - across / 2) <= 32,
      ),
    ).slice(0, 1);
  }

  /** Light up what shows a thing, and nothing else. @param {string} thing @param {any} [place] */
  light(thing, place) {
    const lit = thing ? this.showing(thing, place) : [];
    for (const one of this.shown.values()) one.item.classList.toggle("pin-lit", lit.includes(one));
  }

  /** Mark a thing as chosen; none with "". @param {string} thing */
  choose(thing) {
    this.chosen = thing;
    for (const one of this.shown.values()) this.#mark(one);
  }

  /** @returns {Shown} */
  #element() {
    const item = document.createElement("li");
    item.className = "pin leaflet-zoom-animated";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pin-button";
    item.append(button);
    return { item, button, marker: /** @type {any} */ (null), at: null, look: "" };
  }

  /** @param {Shown} one @param {boolean} aside */
  #dress(one, aside) {
    const { marker, button } = one;
    const { speech, still, known } = this.how;
    const look = [marker.kind, marker.votes, marker.towns, marker.now, marker.soon, marker.finished, marker.libraries].join();
    if (look !== one.look) {
      one.look = look;
      const ground = target(marker, this.measures);
      button.style.width = `${ground.east - ground.west}px`;
      button.style.height = `${ground.south - ground.north}px`;
      button.style.transform = `translate(${ground.west}px, ${ground.north}px)`;
      button.style.transformOrigin = `${-ground.west}px ${-ground.north}px`;
      const picture = made("svg", { class: "pin-picture", width: "1", height: "1", "aria-hidden": "true", focusable: "false" });
      const move = made("g", { transform: `translate(${-ground.west} ${-ground.north})` });
      move.append(made("ellipse", { class: "map-shadow", cy: "1", rx: "12", ry: "4" }), ...draw(marker, { speech, still }));
      // For the mouse: who listens has the button's own name.
      picture.append(made("title", {}), move);
      button.replaceChildren(picture);
      button.dataset.kind = marker.kind;
    }
    button.dataset.thing = thingOf(marker);
    button.dataset.name = known(thingOf(marker)) || this.nameOf(marker);
    button.tabIndex = aside ? -1 : 0;
    if (aside) one.item.setAttribute("aria-hidden", "true");
    else one.item.removeAttribute("aria-hidden");
    this.#mark(one);
  }

  /** @param {Shown} one */
  #mark({ item, button, marker }) {
    const chosen = this.chosen !== "" && thingOf(marker) === this.chosen;
    const name = button.dataset.name ?? "";
    item.classList.toggle("pin-chosen", chosen);
    const title = button.querySelector("title");
    if (title) title.textContent = name;
    button.setAttribute("aria-label", chosen ? this.how.speech.say("selected", { name }) : name);
  }

  /** What a marker says to those who hear it. @param {Marker} marker */
  nameOf(marker) {
    const { speech } = this.how;
    if (marker.kind === "several") {
      const closer = this.map.getZoom() < this.map.getMaxZoom();
      return speech.say(closer ? "closer" : "list", { things: things(speech, marker) });
    }
    if (marker.kind === "library") {
      return marker.name ? speech.say("libraryName", { name: marker.name }) : speech.say("aLibrary");
    }
    if (marker.kind !== "asking") {
      const circle = marker.name || speech.say("aCircle");
      return speech.say("circleName", { circle, state: speech.say(marker.kind) });
    }
    return speech.say("townName", {
      town: marker.name || speech.say("aTown"),
      votes: speech.count("vote", marker.votes),
      status: speech.status(marker.status ?? ""),
    });
  }

  #settle() {
    for (const { item, at } of this.shown.values()) {
      this.L.DomUtil.setPosition(item, this.map.latLngToLayerPoint(at));
    }
  }

  /** @param {{zoom: number, center: any}} to */
  #slide({ zoom, center }) {
    for (const { item, at } of this.shown.values()) {
      this.L.DomUtil.setPosition(item, this.map._latLngToNewLayerPoint(at, zoom, center).round());
    }
  }
}

/** The same several things have the same key wherever the map is moved. @param {Marker} marker */
function keyOf(marker) {
  const first = marker.cells.reduce((a, b) => (thingsOf(b) > thingsOf(a) ? b : a));
  return `${marker.cells.length}.${thingsOf(marker)}.${first.y}.${first.x}`;
}
