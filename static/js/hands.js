// @ts-check
// How people move the map: keys, the buttons around it, two fingers, and a wheel once the map has
// the focus. One finger and a passing wheel still move the page.

const STEP = 0.25;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {Record<string, [number, number]>} */
const MOVES = { west: [-1, 0], east: [1, 0], north: [0, -1], south: [0, 1] };
const HINT = 1500;

/**
 * @param {{section: HTMLElement, stage: HTMLElement, map: any, calm: boolean, speech: import("./words.js").Speech}} what
 */
export function hands({ section, stage, map, calm, speech }) {
  // A new pan would break off the one that goes on: steps add up and are made one after the other.
  let owed = [0, 0];
  let going = false;
  const step = () => {
    const [x, y] = owed;
    owed = [0, 0];
    going = x !== 0 || y !== 0;
    if (going) map.panBy([x, y], { animate: !calm });
  };
  map.on("moveend", step);
  /** @param {[number, number]} way @param {number} part of the picture */
  const pan = ([right, down], part) => {
    const { x, y } = map.getSize();
    owed = [owed[0] + right * x * part, owed[1] + down * y * part];
    if (!going) step();
  };

  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = ARROWS[event.key];
    if (way) pan(way, STEP);
    else if (event.key === "+" || event.key === "=") map.zoomIn(1);
    else if (event.key === "-") map.zoomOut(1);
    else return;
    event.preventDefault();
  });
  stage.addEventListener("focusin", () => map.scrollWheelZoom.enable());
  stage.addEventListener("focusout", () => map.scrollWheelZoom.disable());
  // Leaflet's pane scrolls when something in it gets the focus outside of the picture.
  stage.addEventListener("scroll", () => stage.scrollTo(0, 0));

  buttons(section, map, pan);
  fingers(stage, map, speech);
}

/**
 * The links around the still map become buttons of the live one.
 * @param {HTMLElement} section @param {any} map @param {(way: [number, number], part: number) => void} pan
 */
function buttons(section, map, pan) {
  /** @type {Record<string, HTMLButtonElement>} */
  const zoom = {};
  for (const old of section.querySelectorAll("[data-move]")) {
    const move = old.getAttribute("data-move") ?? "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = old.className.replace(" map-zoom-end", "");
    button.setAttribute("aria-label", old.getAttribute("data-label") ?? old.textContent ?? "");
    button.append(...old.childNodes);
    old.replaceWith(button);
    if (move === "closer" || move === "wider") zoom[move] = button;
    button.addEventListener("click", () => {
      if (move in MOVES) pan(MOVES[move], 0.5);
      else if (move === "closer") map.zoomIn(1);
      else if (move === "wider") map.zoomOut(1);
      else map.setView([30, 11], map.getMinZoom());
    });
  }
  // Not `disabled`: that would take the focus from who just pressed it for the last time.
  const ends = () => {
    end(zoom.closer, map.getZoom() >= map.getMaxZoom());
    end(zoom.wider, map.getZoom() <= map.getMinZoom());
  };
  map.on("zoomend", ends);
  ends();
}

/** @param {HTMLButtonElement | undefined} button @param {boolean} ended */
function end(button, ended) {
  button?.classList.toggle("map-zoom-end", ended);
  button?.setAttribute("aria-disabled", String(ended));
}

/** One finger moves the page, two move the map. @param {HTMLElement} stage @param {any} map @param {import("./words.js").Speech} speech */
function fingers(stage, map, speech) {
  const hint = document.createElement("p");
  hint.className = "map-fingers";
  hint.setAttribute("aria-hidden", "true");
  hint.textContent = speech.say("fingers");
  hint.hidden = true;
  stage.append(hint);
  let timer = 0;
  const show = () => {
    hint.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (hint.hidden = true), HINT);
  };
  stage.addEventListener(
    "pointerdown",
    (event) => {
      if (event.pointerType === "touch") map.dragging.disable();
      else map.dragging.enable();
    },
    true,
  );
  stage.addEventListener(
    "touchmove",
    (event) => {
      if (event.touches.length > 1) hint.hidden = true;
      else show();
    },
    { passive: true },
  );
}
