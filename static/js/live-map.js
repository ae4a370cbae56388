// @ts-check
// The live map: the same markers, words and links as the still one, but it moves, its layers
// switch on and off at once, a marker opens its card, and list and map point at each other.

import { Card, lies, uncover } from "./card.js";
import { placeMarkers, thingsOf } from "./clusters.js";
import { Follow, followSwitch } from "./follow.js";
import { hands } from "./hands.js";
import { legend } from "./legend.js";
import { Markers, thingOf } from "./markers.js";
import { nameCountries } from "./names.js";
import { dotted } from "./nobody.js";
import { Rows } from "./rows.js";
import { stillShapes } from "./shapes.js";
import { Tiles, inView } from "./tiles.js";
import { firstZoom, sumOf, within, written } from "./view.js";
import { speech as speechOf, things } from "./words.js";
import { landLayer } from "./world.js";

/** @typedef {import("./clusters.js").Cell} Cell */
/** @typedef {import("./clusters.js").Marker} Marker */

const EDGE = 85;
const PAUSE = 200;
const MOST_LEVELS = 5;

/** @param {HTMLElement} section @param {any} L */
export default function live(section, L) {
  const said = JSON.parse(section.dataset.live ?? "{}");
  const picture = section.querySelector(".map-picture");
  if (!(picture instanceof HTMLElement)) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const speech = speechOf(said.words, document.documentElement.lang || "en");
  const still = stillShapes(section);

  const stage = document.createElement("div");
  stage.className = "map-stage";
  section.classList.add("map-live");
  for (const old of picture.querySelectorAll(".map-wide, .map-narrow, .map-any, .map-shapes")) old.remove();
  (picture.querySelector(".map-skip") ?? picture.firstChild)?.after(stage);

  const map = L.map(stage, {
    attributionControl: false, zoomControl: false, keyboard: false, scrollWheelZoom: false,
    zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: !calm, inertia: !calm,
    minZoom: 1, maxZoom: said.most, maxBounds: [[-EDGE, -1e6], [EDGE, 1e6]], maxBoundsViscosity: 1,
  });
  const [lat, lng] = said.view;
  map.setView([lat, lng], firstZoom(map.getSize(), said), { animate: false });

  const land = said.tilesUrl ? null : landLayer(L, section);
  if (!land) L.tileLayer(said.tilesUrl, { maxZoom: said.most }).addTo(map);

  const pane = map.createPane("pins");
  const list = document.createElement("ol");
  list.className = "pins";
  list.setAttribute("role", "list");
  list.setAttribute("aria-label", section.dataset.listName ?? "");
  pane.append(list);
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", section.getAttribute("aria-label") ?? "");
  stage.setAttribute("aria-describedby", section.dataset.help ?? "");
  stage.tabIndex = 0;

  const tiles = new Tiles(said.tiles);
  const rows = new Rows(document);
  const markers = new Markers(L, map, list, { speech, still, known: (thing) => rows.nameOf(thing) });
  const status = section.querySelector("[data-said]");
  const key = legend(section, said, speech, () => switched());
  // What somebody points at; without that, what they chose last.
  let pointed = "";
  const marked = () => rows.mark(pointed && rows.has(pointed) ? pointed : (card.opened?.thing ?? ""));
  const follow = new Follow({ renewed: marked });
  const switchBox = followSwitch(section, () => moved());
  const host = /** @type {HTMLElement} */ (section.querySelector("[data-popup]"));
  const over = section.querySelector(".map-over");
  const card = new Card(host, {
    address: said.popup,
    closing: section.querySelector("template[data-part=close]"),
    failed: said.words.failed,
    closed: () => choose(""),
  });

  /** Whether the same thing stands nearer to the middle. @param {Cell} cell */
  const isEcho = (cell) => {
    const zoom = map.getZoom();
    return Math.abs(cell.x - map.project(map.getCenter(), zoom).x) > 128 * 2 ** zoom;
  };

  /** What the map shows, in px of the world; as exact as the address says it. */
  const view = () => {
    const zoom = map.getZoom();
    const { x, y } = map.project(written(map).center, zoom);
    const size = map.getSize();
    return { zoom, west: x - size.x / 2, east: x + size.x / 2, north: y - size.y / 2, south: y + size.y / 2 };
  };

  let asked = 0;
  /** Bring what this view shows; `aloud`: also say it. @param {boolean} aloud */
  const refresh = async (aloud) => {
    const turn = ++asked;
    const here = view();
    if (land) land.bring(map, here.zoom).then(() => turn === asked && label());
    const { cells, complete } = await tiles.cells(here.zoom, here);
    if (turn !== asked || here.zoom !== map.getZoom()) return;
    const seen = inView(cells, here).filter((cell) => !isEcho(cell));
    key.count(sumOf(seen));
    const shown = cells.map((cell) => key.only(cell)).filter((cell) => thingsOf(cell) > 0);
    const placed = placeMarkers(shown, {
      ...markers.measures,
      rank: (marker) => rows.rankOf(thingOf(marker)),
    });
    markers.show(placed, here.zoom, (marker) => isEcho(marker) || !within(marker, here));
    label();
    section.dataset.ready = "";
    if (!aloud || !status) return;
    const sums = sumOf(seen.map((cell) => key.only(cell)));
    const words = thingsOf(sums) ? speech.say("inView", { things: things(speech, sums) }) : speech.say("nothing");
    status.textContent = complete ? words : `${words} ${speech.say("failed")}`;
  };

  const label = () => {
    const world = land?.worldAt(map.getZoom());
    if (world) nameCountries(map, world, markers);
  };

  /** @param {string} thing */
  const choose = (thing) => {
    markers.choose(thing);
    rows.mark(thing);
  };

  let pause = 0;
  const moved = (aloud = true) => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      refresh(aloud);
      if (switchBox.checked) follow.bring({ at: written(map).text });
      else if (!rows.visible()) follow.note({ at: written(map).text });
    }, PAUSE);
  };
  const switched = () => {
    refresh(true);
    const { layer, libraries } = key.parameters();
    const changes = layer === null ? { libraries } : { layer, libraries };
    if (follow.address(changes).href !== location.href) follow.bring(changes);
  };

  refresh(false).then(() => {
    map.on("moveend", () => moved());
    const size = map.getSize();
    const [, , , wide, tall] = said.view;
    // The list of this link was counted for a map of another size.
    if (said.moved && switchBox.checked && (wide !== size.x || tall !== size.y)) moved(false);
  });
  hands({ section, stage, map, calm, speech });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(stage);

  list.addEventListener("click", (event) => {
    const one = markers.of(event.target);
    // Who takes hold of a marker to drag the map means the map.
    const dragged = event.detail > 0 && map.dragging.enabled() && map.dragging.moved();
    if (!one || dragged) return;
    const { marker, button } = one;
    if (marker.kind === "several") return closer(marker, event.detail === 0);
    const thing = thingOf(marker);
    choose(thing);
    rows.show(thing);
    card.open({
      thing,
      name: button.dataset.name ?? "",
      back: () => (markers.showing(thing)[0]?.button ?? stage).focus({ preventScroll: true }),
    }).then(() => uncover(map, button, host));
  });

  /** Go where several things part; where nothing parts them, to the list. @param {Marker} marker @param {boolean} byKey */
  const closer = (marker, byKey) => {
    const zoom = map.getZoom();
    if (zoom >= map.getMaxZoom()) {
      follow.bring({ at: written(map).text }).then(() => rows.go());
      return;
    }
    const xs = marker.cells.map((cell) => cell.x);
    const ys = marker.cells.map((cell) => cell.y);
    const [west, east] = [Math.min(...xs) - 16, Math.max(...xs) + 16];
    const [north, south] = [Math.min(...ys) - 16, Math.max(...ys) + 16];
    const size = map.getSize();
    const room = 0.7 * Math.min(size.x / (east - west), size.y / (south - north));
    const levels = Math.max(1, Math.min(MOST_LEVELS, Math.floor(Math.log2(room))));
    const to = Math.min(map.getMaxZoom(), zoom + levels);
    if (byKey) stage.focus({ preventScroll: true });
    map.setView(map.unproject([(west + east) / 2, (north + south) / 2], zoom), to);
  };

  /** @param {Event} event */
  const point = ({ target }) => {
    if (follow.swapping) return;
    const row = rows.of(target);
    const pin = target instanceof Element ? target.closest(".pin-button") : null;
    const thing = row?.thing ?? (pin instanceof HTMLElement ? pin.dataset.thing : "") ?? "";
    if (!row && !pin) return;
    markers.light(thing, row?.place);
    pointed = thing;
    marked();
    over?.classList.toggle("map-over-pale", pin?.matches(":focus-visible") && lies(pin, over));
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && point(event));
  document.addEventListener("focusin", point);
  stage.addEventListener("keydown", (event) => {
    if (event.key === "Escape") card.close();
  });

  if (said.credit) picture.append(credit(said.credit));
  if (said.nobody) dotted(L, map, said.nobody, still);
}

/** Whom the pictures under the markers are from. @param {string} words */
function credit(words) {
  const line = document.createElement("p");
  line.className = "map-credit";
  line.textContent = words;
  return line;
}
