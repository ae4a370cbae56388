// @ts-check
// The town picker: a list of places while somebody types, on a field that works without it.
// The ARIA combobox pattern: focus stays in the field, the arrows move aria-activedescendant.

/** @typedef {{id: number, name: string, where: string, asked: string, company: string, path: string}} Place */
/** @typedef {{said: string, places: Place[]}} Answer */

const PAUSE = 120;

/** @param {HTMLElement} root */
export default function picker(root) {
  const input = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  const box = /** @type {HTMLElement} */ (input.parentElement);
  const byHand = /** @type {HTMLInputElement | null} */ (
    root.dataset.byHand ? input.form?.elements.namedItem(root.dataset.byHand) ?? null : null
  );
  const list = element("ul", "picker-list", { role: "listbox", id: `${input.id}-list` });
  const status = element("p", "unseen", { role: "status" });
  const chosenId = /** @type {HTMLInputElement} */ (
    element("input", "", { type: "hidden", name: root.dataset.chooses ?? "" })
  );
  const chosen = element("div", "", {});
  /** @type {Map<string, Answer>} */
  const answers = new Map();
  /** @type {(() => void)[]} */
  let acts = [];
  let active = -1;
  let timer = 0;
  let request = new AbortController();

  setUp();
  input.addEventListener("input", (event) => {
    if (!(/** @type {InputEvent} */ (event).isComposing)) typed();
  });
  input.addEventListener("compositionend", typed);
  input.addEventListener("keydown", pressed);
  input.addEventListener("blur", close);

  function setUp() {
    list.hidden = true;
    list.setAttribute("aria-label", root.dataset.list ?? "");
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": list.id,
    })) {
      input.setAttribute(name, value);
    }
    box.append(list);
    chosen.hidden = true;
    chosenId.disabled = true;
    root.append(status, chosenId, chosen);
    // The field keeps its focus while the mouse presses on the list.
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  function typed() {
    clearTimeout(timer);
    request.abort();
    forgetRadios();
    const text = input.value.trim();
    // One letter says much in some scripts, little in ours.
    if (text.length < (/^[\x20-\x7e]*$/.test(text) ? 2 : 1)) {
      close();
      status.textContent = "";
      return;
    }
    timer = setTimeout(() => ask(text), PAUSE);
  }

  /** @param {string} text */
  async function ask(text) {
    request = new AbortController();
    try {
      const answer = answers.get(text) ?? (await fetchPlaces(text, request.signal));
      answers.set(text, answer);
      show(answer);
    } catch (error) {
      // Offline, or a later letter came first: the field goes on as a plain one.
      if (!(error instanceof DOMException && error.name === "AbortError")) close();
    }
  }

  /** @param {string} text @param {AbortSignal} signal @returns {Promise<Answer>} */
  async function fetchPlaces(text, signal) {
    const query = new URLSearchParams({ q: text });
    const country = root.dataset.country || likelyCountry();
    if (country) query.set("country", country);
    const response = await fetch(`${root.dataset.source}?${query}`, { signal });
    if (!response.ok) throw new Error(`suggestions: ${response.status}`);
    return response.json();
  }

  /** @param {Answer} answer */
  function show(answer) {
    const options = answer.places.map(placeOption);
    acts = answer.places.map((place) => () => choose(place));
    const notListed = part("by-hand");
    if (byHand && notListed) {
      const option = element("li", "picker-option picker-option-by-hand", { role: "option" });
      option.append(notListed);
      options.push(option);
      acts.push(sendAsTyped);
    }
    options.forEach((option, index) => {
      option.id = `${list.id}-${index}`;
      option.addEventListener("click", () => acts[index]());
    });
    list.replaceChildren(...options);
    status.textContent = answer.said;
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    activate(answer.places.length ? 0 : -1);
  }

  /** @param {number} index */
  function activate(index) {
    active = index;
    [...list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === index));
      if (at === index) option.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[index].id);
  }

  function close() {
    clearTimeout(timer);
    request.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing) return;
    const open = !list.hidden;
    const count = list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) typed();
      else if (event.key === "ArrowDown") activate((active + 1) % count);
      else activate(active <= 0 ? count - 1 : active - 1);
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      acts[active]();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    }
  }

  /** @param {Place} place */
  function choose(place) {
    close();
    if (root.dataset.go !== undefined) {
      location.assign(place.path);
      return;
    }
    input.value = `${place.name}, ${place.where}`.slice(0, input.maxLength);
    chosenId.value = String(place.id);
    chosenId.disabled = false;
    forgetRadios();
    setByHand(false);
    chosen.replaceChildren(part("chosen") ?? "");
    fill("b", place.name);
    fill(".chosen-words span", place.where);
    const company = /** @type {HTMLElement} */ (chosen.querySelector(".picker-company"));
    company.textContent = place.company;
    company.hidden = place.company === "";
    const another = /** @type {HTMLButtonElement} */ (chosen.querySelector("button"));
    another.addEventListener("click", chooseAnother);
    toggle(true);
    status.textContent = `${root.dataset.chosen} ${input.value}. ${place.company}`;
    another.focus();
  }

  function chooseAnother() {
    chosenId.value = "";
    chosenId.disabled = true;
    toggle(false);
    input.focus();
    input.select();
  }

  /** @param {boolean} done */
  function toggle(done) {
    chosen.hidden = !done;
    box.hidden = done;
    for (const words of root.querySelectorAll(".hint, .error")) {
      /** @type {HTMLElement} */ (words).hidden = done;
    }
  }

  // The server's question "Which one is yours?" is about a text that no longer stands.
  function forgetRadios() {
    for (const radio of input.form?.querySelectorAll("input[type=radio]") ?? []) {
      if (radio instanceof HTMLInputElement && radio.name === chosenId.name) radio.checked = false;
    }
  }

  function sendAsTyped() {
    close();
    setByHand(true);
    const details = byHand?.closest("details");
    if (details) details.open = true;
    (details?.querySelector("select") ?? byHand)?.focus();
  }

  /** @param {boolean} on */
  function setByHand(on) {
    if (!byHand || byHand.checked === on) return;
    byHand.checked = on;
    byHand.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** @param {string} selector @param {string} text */
  function fill(selector, text) {
    const found = chosen.querySelector(selector);
    if (found) found.textContent = text;
  }

  /** @param {string} name @returns {DocumentFragment | null} */
  function part(name) {
    const template = root.querySelector(`template[data-part="${name}"]`);
    return template instanceof HTMLTemplateElement
      ? /** @type {DocumentFragment} */ (template.content.cloneNode(true))
      : null;
  }
}

/** @param {Place} place */
function placeOption(place) {
  const option = element("li", "picker-option", { role: "option" });
  for (const [name, text] of [
    ["picker-name", place.name],
    ["picker-place", place.where],
    ["picker-end", place.asked],
  ]) {
    const words = element("span", name, {});
    words.textContent = text;
    option.append(words, " ");
  }
  return option;
}

/** @param {string} tag @param {string} className @param {Record<string, string>} attributes */
function element(tag, className, attributes) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// The country in the browser's language, as a hint for the order. Not from "en-US": that is what
// browsers say wherever nobody has chosen.
function likelyCountry() {
  const [, region = ""] = /-([A-Z]{2})$/.exec(navigator.language) ?? [];
  return navigator.language === "en-US" ? "" : region;
}
