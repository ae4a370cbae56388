// @ts-check
// A map that somebody can see comes alive: Leaflet, our shapes and what moves them are fetched,
// and the still picture gives way. Where they don't come, or where bytes are dear, it stays.

// So far below the screen, in px, it begins already.
const AHEAD = 200;

/** @param {HTMLElement} section */
export default function map(section) {
  const { connection } = /** @type {any} */ (navigator);
  if (connection?.saveData) return;
  // On a phone the list comes first and hides the map: then nothing of this is fetched.
  const { top, height } = section.getBoundingClientRect();
  if (height && top < innerHeight + AHEAD) wake(section);
  else wakeLater(section);
}

/** @param {HTMLElement} section */
function wakeLater(section) {
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      wake(section);
    },
    { rootMargin: `${AHEAD}px` },
  );
  watcher.observe(section);
}

/** @param {HTMLElement} section */
async function wake(section) {
  try {
    const ours = import("./live-map.js").then((module) => ({ live: module.default, prepared: module.prepare(section) }));
    const [{ live, prepared }, L] = await Promise.all([ours, leaflet()]);
    await live(section, L, prepared);
  } catch (problem) {
    section.classList.remove("map-live");
    // Nothing is lost: the still map has the same links.
    console.warn("the map stays still", problem);
  }
}

/** Leaflet is a script of the old kind: it comes with its style sheet, before our own sheets. */
async function leaflet() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = builtFile("leaflet.css");
  const script = document.createElement("script");
  script.src = builtFile("leaflet.js");
  const come = [sheet, script].map(
    (element) =>
      new Promise((resolve, reject) => {
        element.addEventListener("load", resolve);
        element.addEventListener("error", () => reject(new Error(element.outerHTML)));
      }),
  );
  document.head.prepend(sheet);
  document.head.append(script);
  await Promise.all(come);
  return /** @type {any} */ (globalThis).L;
}

/** @param {string} name */
const builtFile = (name) => new URL(`../built/leaflet/${name}`, import.meta.url).href;
