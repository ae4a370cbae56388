// @ts-check
// Finds every [data-module] on the page and hands the element to the module of that name.
// Each module improves HTML that already works; without JavaScript nothing is lost.

/** Also for a piece of a page that came later. @param {ParentNode} piece */
export function enhance(piece) {
  for (const element of piece.querySelectorAll("[data-module]")) {
    for (const name of (element.getAttribute("data-module") ?? "").split(" ")) {
      import(`./${name}.js`).then((module) => module.default(element));
    }
  }
}

enhance(document);
