// @ts-check
// A map that somebody can see comes alive: Leaflet, our shapes and what moves them are fetched,
// and the still picture gives way. Where they don't come, or where bytes are dear, it stays.

/** @param {HTMLElement} section */
export default function map(section) {
  const { connection } = /** @type {any} */ (navigator);
  if (connection?.saveData) return;
  // On a phone the list comes first and hides the map: then nothing of this is fetched.
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      wake(section);
    },
    { rootMargin: "200px" },
  );
  watcher.observe(section);
}

/** @param {HTMLElement} section */
async function wake(section) {
  try {
    const { view, tilesUrl } = JSON.parse(section.dataset.live ?? "{}");
    // The land is wanted by the time that everything else is there.
    if (!tilesUrl) import("./world.js").then(({ worldFor }) => worldFor(Math.floor(view[2])).catch(() => {}));
    const [{ default: live }, L] = await Promise.all([import("./live-map.js"), leaflet()]);
    live(section, L);
  } catch (problem) {
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
