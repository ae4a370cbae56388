// @ts-check
// The queue by keyboard: j and k move from thing to thing, the letters of the legend press its
// buttons. The keys work only while the focus is inside the queue and not in a field, and can be
// switched off for this browser (WCAG 2.1.4). After an act the next thing has the focus, after an
// undo the thing that is back. Without this, Tab and the buttons do the same.

const OFF = "board.keys.off";
const NEXT = "board.queue.next";
const ACTS = { a: "keep", t: "trust", h: "unlist", d: "delete" };

/** @param {HTMLElement} queue */
export default function work(queue) {
  const help = queue.querySelector("[data-keys-help]");
  const button = help?.querySelector("button");
  const things = /** @type {HTMLElement[]} */ ([...queue.querySelectorAll("article.thing")]);
  if (!(help instanceof HTMLElement) || !button) return;

  let off = recall(localStorage, OFF) === "1";
  const draw = () => {
    help.hidden = false;
    button.setAttribute("aria-pressed", String(!off));
  };
  button.addEventListener("click", () => {
    off = !off;
    keep(localStorage, OFF, off ? "1" : "");
    draw();
  });

  queue.addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const at = whereOf(things);
    if (press(event.key, things, at)) event.preventDefault();
  });

  // Once this one is done the next takes its place; the page comes anew in between.
  queue.addEventListener("submit", () => {
    const at = whereOf(things);
    const next = things[at + 1] ?? things[at - 1];
    keep(sessionStorage, NEXT, at < 0 ? "" : (next?.id ?? ""));
  });

  draw();
  if ("goOn" in queue.dataset) goOn(things);
}

/**
 * @param {string} key
 * @param {HTMLElement[]} things
 * @param {number} at
 */
function press(key, things, at) {
  if (key === "j") focus(things[Math.min(things.length - 1, at + 1)]);
  else if (key === "k") focus(things[Math.max(0, at - 1)]);
  else if (key === "u") click(document.querySelector("[data-undo] button"));
  else if (at < 0) return false;
  else if (key === "x") click(tickOf(things[at]));
  else if (key in ACTS) act(things[at], ACTS[/** @type {keyof ACTS} */ (key)]);
  else return false;
  return true;
}

// What needs a reason first opens its reasons; pressed once more, with a reason, it is done.
/**
 * @param {HTMLElement} thing
 * @param {string} name
 */
function act(thing, name) {
  const button = thing.querySelector(`button[name="act"][value="${name}"]`);
  const fold = button?.closest("details");
  const reasons = button?.closest("form")?.querySelectorAll('input[name="reason"]') ?? [];
  const chosen = [...reasons].some((one) => one instanceof HTMLInputElement && one.checked);
  if (fold && reasons.length && !(fold.open && chosen)) {
    fold.open = true;
    focus(reasons[0]);
    return;
  }
  click(button);
}

/** @param {HTMLElement} thing */
function tickOf(thing) {
  return document.querySelector(`input[type="checkbox"][name="tick-${thing.id}"]`);
}

/** @param {HTMLElement[]} things */
function whereOf(things) {
  const inside = things.findIndex((thing) => thing.contains(document.activeElement));
  if (inside >= 0) return inside;
  // In the list: the thing that the link leads to.
  const link = document.activeElement;
  return link instanceof HTMLAnchorElement ? things.findIndex(({ id }) => `#${id}` === link.hash) : -1;
}

/** @param {HTMLElement[]} things */
function goOn(things) {
  const back = document.querySelector("[data-back-to]");
  const id = back instanceof HTMLAnchorElement ? back.hash.slice(1) : recall(sessionStorage, NEXT);
  keep(sessionStorage, NEXT, "");
  const next = things.find((thing) => thing.id === id);
  if (id) focus(next ?? things[0]);
}

// Radios and ticks take no letters; a field or a choice of words does.
/** @param {EventTarget | null} target */
function isField(target) {
  if (target instanceof HTMLInputElement) return !["radio", "checkbox"].includes(target.type);
  return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

/** @param {Element | null | undefined} element */
function focus(element) {
  if (element instanceof HTMLElement) element.focus();
}

/** @param {Element | null | undefined} element */
function click(element) {
  if (element instanceof HTMLElement) element.click();
}

// A browser that keeps nothing for us still has the keys.
/**
 * @param {Storage} storage
 * @param {string} name
 */
function recall(storage, name) {
  try {
    return storage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {Storage} storage
 * @param {string} name
 * @param {string} value
 */
function keep(storage, name, value) {
  try {
    if (value) storage.setItem(name, value);
    else storage.removeItem(name);
  } catch {
    // Then it holds for this page.
  }
}
