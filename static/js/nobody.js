// @ts-check
// A place that somebody looked for and where nobody asked yet: a dotted bubble that leads there.

/** The dotted bubble of a place that nobody asked for yet. @param {any} L @param {any} map @param {any} nobody @param {(kind: string) => Node[]} still */
export function dotted(L, map, nobody, still) {
  const pin = L.divIcon({ className: "pin-nobody", iconSize: [0, 0], html: "" });
  const marker = L.marker([nobody.lat, nobody.lng], { icon: pin, keyboard: false, interactive: true }).addTo(map);
  const link = document.createElement("a");
  link.href = nobody.href;
  link.className = "pin-nobody-link";
  link.setAttribute("aria-label", nobody.name);
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("class", "pin-picture");
  picture.append(...still("nobody"));
  const tag = document.createElement("span");
  tag.className = "pin-tag";
  tag.textContent = nobody.tag;
  link.append(picture, tag);
  marker.getElement().append(link);
}
