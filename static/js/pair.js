// @ts-check
// A row of the list and its marker on the map answer each other: pointing at one, or reaching it
// with Tab, marks both and shows the town on the map's card.

/** @param {HTMLElement} page */
export default function pair(page) {
  const card = page.querySelector("[data-card]");
  const close = card?.querySelector("button");
  /** @type {Map<string, Element>} */
  const rows = new Map();
  for (const row of page.querySelectorAll("li")) {
    const href = row.querySelector("a")?.getAttribute("href");
    if (href) rows.set(href, row);
  }
  let chosen = "";
  let chosenBefore = "";
  let dismissed = false;

  /** @param {Event} event */
  const pointedAt = ({ target }) => {
    if (!(target instanceof Element)) return "";
    const marker = target.closest("a.map-marker");
    const row = target.closest(".explore-list li");
    return marker?.getAttribute("href") ?? row?.querySelector("a")?.getAttribute("href") ?? "";
  };

  /** @param {boolean} on */
  const mark = (on) => {
    rows.get(chosen)?.classList.toggle("town-row-selected", on);
    for (const marker of page.querySelectorAll("a.map-marker")) {
      if (marker.getAttribute("href") === chosen) marker.classList.toggle("map-lit", on);
    }
  };

  /** @param {string} href */
  const choose = (href) => {
    if (href === chosen || !rows.has(href)) return;
    mark(false);
    chosen = href;
    mark(true);
    const row = rows.get(href);
    if (card && row?.matches("[data-row]")) fill(card, row, href, !dismissed);
  };

  page.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") choose(pointedAt(event));
  });
  page.addEventListener("pointerdown", () => (chosenBefore = chosen), true);
  page.addEventListener("focusin", (event) => choose(pointedAt(event)));

  // With a thumb the first touch shows the card, the second opens the town.
  page.addEventListener("click", (event) => {
    if (!(event instanceof PointerEvent) || event.pointerType === "mouse" || !event.detail) return;
    const marker = event.target instanceof Element && event.target.closest("a.map-marker");
    const href = marker ? marker.getAttribute("href") ?? "" : "";
    if (!rows.get(href)?.matches("[data-row]") || href === chosenBefore) return;
    event.preventDefault();
    choose(href);
  });

  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => {
      dismissed = true;
      card?.classList.remove("town-card-chosen");
    });
  }
}

/** @param {Element} card @param {Element} row @param {string} href @param {boolean} shown */
function fill(card, row, href, shown) {
  for (const place of card.querySelectorAll("[data-part]")) {
    const words = row.querySelector(`[data-part="${place.getAttribute("data-part")}"]`);
    if (words) place.replaceChildren(...[...words.childNodes].map((node) => node.cloneNode(true)));
  }
  card.querySelector("[data-open]")?.setAttribute("href", href);
  card.querySelector("[data-vote]")?.setAttribute("href", `${href}/vote`);
  card.classList.toggle("town-card-chosen", shown);
}
