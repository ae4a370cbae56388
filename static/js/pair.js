// @ts-check
// A row of the list and its marker on the map answer each other: pointing at one, or reaching it
// with Tab, marks both. From the map, where the row may be out of sight, a card shows the town.

/** @param {HTMLElement} page */
export default function pair(page) {
  const card = page.querySelector("[data-card]");
  const close = card?.querySelector("button");
  /** @type {Map<string, Element>} */
  const rows = new Map();
  for (const row of page.querySelectorAll(".explore-list li")) {
    const href = row.querySelector("a")?.getAttribute("href");
    if (href) rows.set(href, row);
  }
  let chosen = "";
  let chosenBefore = "";
  let dismissed = false;

  /** @param {Event} event */
  const follow = ({ target }) => {
    if (!(target instanceof Element)) return;
    const marker = target.closest("a.map-marker");
    const row = target.closest(".explore-list li")?.querySelector("a");
    choose((marker ?? row)?.getAttribute("href") ?? "", marker !== null);
  };

  /** @param {boolean} on */
  const mark = (on) => {
    rows.get(chosen)?.classList.toggle("town-row-selected", on);
    for (const marker of page.querySelectorAll("a.map-marker")) {
      if (marker.getAttribute("href") === chosen) marker.classList.toggle("map-lit", on);
    }
  };

  /** @param {string} href @param {boolean} onMap */
  const choose = (href, onMap) => {
    const row = rows.get(href);
    if (!row) return;
    mark(false);
    chosen = href;
    mark(true);
    if (!card || !row.matches("[data-row]")) return;
    fill(card, row, href);
    if (onMap && !dismissed) card.classList.add("town-card-chosen");
  };

  page.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") follow(event);
  });
  page.addEventListener("focusin", follow);
  page.addEventListener("pointerdown", () => (chosenBefore = chosen), true);

  // With a thumb the first touch shows the card, the second opens the town.
  page.addEventListener("click", (event) => {
    if (!(event instanceof PointerEvent) || event.pointerType === "mouse" || !event.detail) return;
    const marker = event.target instanceof Element ? event.target.closest("a.map-marker") : null;
    const href = marker?.getAttribute("href") ?? "";
    if (!(marker instanceof SVGElement) || href === chosenBefore) return;
    if (!rows.get(href)?.matches("[data-row]")) return;
    event.preventDefault();
    choose(href, true);
    // What lies over the map turns pale while a marker has the focus; the card shall be read.
    marker.blur();
  });

  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => {
      dismissed = true;
      card?.classList.remove("town-card-chosen");
    });
  }
}

/** @param {Element} card @param {Element} row @param {string} href */
function fill(card, row, href) {
  for (const place of card.querySelectorAll("[data-part]")) {
    const words = row.querySelector(`[data-part="${place.getAttribute("data-part")}"]`);
    if (words) place.replaceChildren(...[...words.childNodes].map((node) => node.cloneNode(true)));
  }
  card.querySelector("[data-open]")?.setAttribute("href", href);
  card.querySelector("[data-vote]")?.setAttribute("href", `${href}/vote`);
}
