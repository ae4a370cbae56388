// @ts-check
// The table of towns by keyboard: j and k move from town to town, x ticks, Enter opens (it is a
// link). They work wherever nothing is being typed or chosen, from the page's first moment on, and
// can be switched off for this browser (WCAG 2.1.4). Without this, Tab does the same.

const OFF = "board.keys.off";

/** @param {HTMLElement} sheaf */
export default function table(sheaf) {
  const box = sheaf.querySelector("[data-keys]");
  const help = sheaf.querySelector("[data-keys-help]");
  const button = help?.querySelector("button");
  if (!(box instanceof HTMLElement) || !(help instanceof HTMLElement) || !button) return;

  let off = stored();
  const draw = () => {
    help.hidden = false;
    button.setAttribute("aria-pressed", String(!off));
  };

  button.addEventListener("click", () => {
    off = !off;
    store(off);
    draw();
  });

  document.addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
    const rows = [...box.querySelectorAll("tbody tr")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    if (event.key === "j") go(rows, Math.min(rows.length - 1, at + 1));
    else if (event.key === "k") go(rows, Math.max(0, at < 0 ? 0 : at - 1));
    else if (event.key === "x" && at >= 0) tick(rows[at]);
    else return;
    event.preventDefault();
  });

  box.addEventListener("focusin", () => mark(box));
  box.addEventListener("focusout", () => mark(box));
  draw();
}

/**
 * Whether somebody types, chooses, or is inside a menu at this moment.
 * @param {EventTarget | null} target
 */
function isBusy(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target.isContentEditable || target.closest("textarea, select, details[open]") !== null;
}

/**
 * @param {Element[]} rows
 * @param {number} to
 */
function go(rows, to) {
  const link = rows[to]?.querySelector("th a");
  if (link instanceof HTMLElement) link.focus();
}

/** @param {Element} row */
function tick(row) {
  const box = row.querySelector('input[type="checkbox"]');
  if (box instanceof HTMLInputElement) box.checked = !box.checked;
}

/** @param {HTMLElement} box */
function mark(box) {
  for (const row of box.querySelectorAll("tbody tr")) {
    row.classList.toggle("row-marked", row.contains(document.activeElement));
  }
}

// A browser that keeps nothing for us still has the keys.
function stored() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

/** @param {boolean} off */
function store(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // Then it holds for this page.
  }
}
