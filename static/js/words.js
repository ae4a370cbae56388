// @ts-check
// The words of the page in the forms that numbers take. The server sends all forms of a language,
// by plural category; this only chooses and fills in.

/** @typedef {Record<string, string>} Forms */

/**
 * @param {Record<string, any>} words
 * @param {string} language
 */
export function speech(words, language) {
  const rules = new Intl.PluralRules(language);
  /** @type {Intl.NumberFormat | undefined} */
  let numbers;
  // Below a thousand all our languages write a number alike, and many maps have none above.
  const number = (/** @type {number} */ n) => (n < 1000 ? String(n) : (numbers ??= new Intl.NumberFormat(language)).format(n));

  /** @param {string} text @param {Record<string, string>} values */
  const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_whole, name) => values[name] ?? "");

  /** @param {string} name @param {number} n */
  const form = (name, n) => {
    /** @type {Forms} */
    const forms = words[name];
    return forms[rules.select(n)] ?? forms.other ?? Object.values(forms)[0];
  };

  return {
    /** @param {string} name @param {Record<string, string>} [values] */
    say: (name, values = {}) => fill(words[name], values),
    /** A message about a number. @param {string} name @param {number} n */
    count: (name, n) => fill(form(name, n), { get n() { return number(n); } }),
    /** A number. @param {number} n */
    number,
    /** For a narrow place, never more than there is. @param {number} n */
    short: (n) => (n < 10_000 ? String(n) : fill(words.thousands, { thousands: String(Math.floor(n / 1000)) })),
    /** @param {string} status */
    status: (status) => words.status[status] ?? status,
  };
}

/** @typedef {ReturnType<typeof speech>} Speech */

/**
 * Things of the map in one phrase: 61 towns asking and 9 circles.
 * @param {Speech} speech
 * @param {import("./clusters.js").Cell} sums
 */
export function things(speech, { towns, now, soon, finished, libraries }) {
  const circles = now + soon + finished;
  /** @type {string[]} */
  const said = [];
  if (towns) said.push(speech.count("town", towns));
  if (circles) said.push(speech.count(now + soon ? "circle" : "finishedCircle", circles));
  if (libraries) said.push(speech.count("library", libraries));
  return said.reduce((before, more) => speech.say("both", { towns: before, circles: more }));
}
