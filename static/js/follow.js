// @ts-check
// "List follows the map": where the map was moved to goes into the address, and the list of that
// address takes the old one's place. A link to it opens the same map and the same list anywhere,
// and "back" leads to where the map was before.

import { enhance } from "./app.js";

// What depends on where the map is. Each is taken whole from the page of the new address.
const PARTS = [
  "#list", ".explore-title", ".explore-found", ".filters", ".sorting", ".explore-switch", ".map-words",
  ".language-list", ".menu-languages",
];
const PATIENCE = 300;
// Moves that follow each other this fast, in ms, are one way: one step back undoes them all.
const ONE_WAY = 1500;
const CHOSEN = "board.map.follows";

export class Follow {
  /**
   * @param {{renewed: () => void, stayed: string}} how `renewed` is called when the list is another
   *   one; `stayed` says that it isn't
   */
  constructor(how) {
    this.how = how;
    this.request = new AbortController();
    this.at = "";
    this.noted = -Infinity;
    /** While the list is exchanged the focus moves without anybody moving it. */
    this.swapping = false;
    // The map says what is in view; once is enough.
    document.querySelector(".explore-found")?.setAttribute("aria-live", "off");
  }

  /**
   * The address of the page with other parameters in it; "" takes one away. Paging starts again.
   * @param {Record<string, string>} changes
   */
  address(changes) {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries({ after: "", before: "", ...changes })) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    address.search = address.searchParams.toString().replaceAll("%2C", ",");
    address.hash = "";
    return address;
  }

  /** What the address says of the map, and of the list's page. */
  get asked() {
    const asked = new URLSearchParams(location.search);
    const [at, after, before] = ["at", "after", "before"].map((name) => asked.get(name) ?? "");
    return { at, after, before };
  }

  /**
   * Remember where the map opened, for who comes back to it.
   * @param {string} at
   * @param {(at: string, asked: URLSearchParams) => void} restore called on the way back or forward
   */
  begin(at, restore) {
    this.at = at;
    addEventListener("popstate", ({ state }) => {
      // A link within the page leads to where the map is anyway.
      if (!state?.at) return this.#remember();
      this.at = state.at;
      this.noted = -Infinity;
      restore(this.at, new URLSearchParams(location.search));
    });
  }

  #remember() {
    history.replaceState({ at: this.at }, "");
  }

  /**
   * Write down where we are, and nothing else; a `step` is one that "back" takes back.
   * @param {Record<string, string>} changes @param {boolean} [step]
   */
  note(changes, step = true) {
    const address = this.address(changes);
    if (address.href === this.address({}).href) return;
    const isNew = step && performance.now() - this.noted > ONE_WAY;
    if (isNew) this.#remember();
    this.at = changes.at ?? this.at;
    history[isNew ? "pushState" : "replaceState"]({ at: this.at }, "", address);
    if (step) this.noted = performance.now();
  }

  /** Write it down and bring the list of it. @param {Record<string, string>} changes @param {boolean} [step] */
  async bring(changes, step) {
    const before = location.href;
    this.note(changes, step);
    if (location.href !== before) await this.renew();
  }

  /** Bring the list of the address. */
  async renew() {
    this.request.abort();
    const { signal } = (this.request = new AbortController());
    const list = document.querySelector("#list");
    const patience = setTimeout(() => list?.setAttribute("aria-busy", "true"), PATIENCE);
    try {
      const answer = await fetch(location.href, { signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!signal.aborted) this.#swap(page);
    } catch (problem) {
      if (signal.aborted) return;
      console.warn("the list stays", problem);
      sayItStayed(list, this.how.stayed);
    } finally {
      clearTimeout(patience);
      if (!signal.aborted) list?.removeAttribute("aria-busy");
    }
  }

  /** @param {Document} page */
  #swap(page) {
    this.swapping = true;
    for (const selector of PARTS) {
      const old = document.querySelector(selector);
      const fresh = page.querySelector(selector);
      if (!old || !fresh) continue;
      if (isInUse(old)) {
        carryAlong(old, fresh);
        continue;
      }
      const focus = whereIn(old);
      old.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
      enhance(old);
      focus?.();
    }
    this.swapping = false;
    this.how.renewed();
  }
}

/**
 * Tell that the list is still that of another part of the map, with a link that brings the right one.
 * @param {Element | null} list @param {string} words
 */
function sayItStayed(list, words) {
  list?.querySelector("[data-stayed]")?.remove();
  const line = document.createElement("p");
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = words;
  line.setAttribute("role", "status");
  line.dataset.stayed = "";
  line.append(link);
  list?.prepend(line);
}

/** Whether somebody is about to ask something else. @param {Element} form */
function isInUse(form) {
  if (!(form instanceof HTMLFormElement)) return false;
  return [...form.elements].some(isChanged) || form.contains(document.activeElement);
}

/** Whether a field says something else than it came with. @param {Element} field */
function isChanged(field) {
  if (field instanceof HTMLSelectElement) {
    const first = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
    return field.value !== first?.value;
  }
  if (!(field instanceof HTMLInputElement)) return false;
  return field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

/** A form that is in use carries on what was chosen elsewhere. @param {Element} form @param {Element} fresh */
function carryAlong(form, fresh) {
  for (const old of form.querySelectorAll("input[type=hidden]")) old.remove();
  form.prepend(...fresh.querySelectorAll("input[type=hidden]"));
}

/** If the focus is in here: how to bring it back when all of this is new. @param {Element} old */
function whereIn(old) {
  const { activeElement } = document;
  if (!activeElement || activeElement === old || !old.contains(activeElement)) return null;
  const href = activeElement.getAttribute("href");
  return () => {
    const again = href && old.querySelector(`a[href="${CSS.escape(href)}"]`);
    const to = /** @type {HTMLElement} */ (again || old);
    if (to === old) to.tabIndex = -1;
    to.focus({ preventScroll: true });
  };
}

/**
 * The switch that lets the list follow: on beside a list, off where the map has the screen alone.
 * @param {HTMLElement} section
 * @param {() => void} changed
 */
export function followSwitch(section, changed) {
  const label = section.querySelector("[data-follow]");
  const box = label?.querySelector("input") ?? document.createElement("input");
  const beside = matchMedia("(min-width: 65em)").matches;
  box.checked = beside;
  try {
    const kept = localStorage.getItem(CHOSEN);
    if (kept && beside) box.checked = kept === "1";
  } catch {
    // A browser that keeps nothing for us begins anew each time.
  }
  label?.removeAttribute("hidden");
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(CHOSEN, box.checked ? "1" : "0");
    } catch {
      // Then it holds for this page.
    }
    if (box.checked) changed();
  });
  return box;
}
