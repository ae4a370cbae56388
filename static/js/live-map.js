// @ts-check
// The live map: the same markers, words and links as the still one, but it moves, its layers
// switch on and off at once, a marker opens its card, and list and map point at each other.
// This puts its parts together; each part knows only what it is given here.

import { Card } from "./card.js";
import { Choice } from "./choice.js";
import { Follow } from "./follow.js";
import { hands } from "./hands.js";
import { landUnder } from "./land.js";
import { legend } from "./legend.js";
import { Markers } from "./markers.js";
import { Picture } from "./picture.js";
import { point } from "./pointing.js";
import { Rows } from "./rows.js";
import { stillShapes } from "./shapes.js";
import { isCalm } from "./sight.js";
import { makeStage, roomFor } from "./stage.js";
import { Tiles } from "./tiles.js";
import { Travel } from "./travel.js";
import { firstView, viewOf } from "./view.js";
import { speech as speechOf } from "./words.js";

/** What the first view needs, asked for before there is a map. @param {HTMLElement} section */
export function prepare(section) {
  const said = JSON.parse(section.dataset.live ?? "{}");
  const tiles = new Tiles(said.tiles);
  tiles.cells(firstView(roomFor(section), said));
  return { said, tiles };
}

/** @param {HTMLElement} section @param {any} L @param {ReturnType<typeof prepare>} prepared */
export default async function live(section, L, { said, tiles }) {
  const calm = isCalm();
  const { stage, map, list, reveal, dismiss } = makeStage(section, L, said, calm);
  // A map with holes is worse than the still one, which has everything.
  if (!(await tiles.cells(viewOf(map))).complete) return dismiss();

  const speech = speechOf(said.words, document.documentElement.lang || "en");
  const still = stillShapes(section);
  const rows = new Rows(document);
  const markers = new Markers(L, map, list, { speech, still, known: (thing) => rows.nameOf(thing) });
  const key = legend(section, said, speech, () => travel.switched());
  const land = landUnder({ L, map, section, said, markers });
  const picture = new Picture({ map, tiles, key, markers, rows, section, speech, land });
  await picture.show(false);
  reveal();

  const follow = new Follow({ renewed: () => pointer.mark(), stayed: said.words.stayed });
  const travel = new Travel({ map, section, said, picture, key, rows, follow });
  const card = new Card(/** @type {HTMLElement} */ (section.querySelector("[data-popup]")), {
    address: said.popup,
    closing: section.querySelector("template[data-part=close]"),
    failed: said.words.failed,
    closed: () => choice.mark(""),
  });
  const choice = new Choice({ map, stage, list, markers, rows, card, follow });
  const pointer = point({ section, markers, rows, card, follow });
  hands({ section, stage, map, calm, speech });
  travel.begin();
  new ResizeObserver(() => travel.resized()).observe(stage);
  section.dataset.ready = "";
  if (said.nobody) import("./nobody.js").then(({ dotted }) => dotted(L, map, said.nobody, still));
}
