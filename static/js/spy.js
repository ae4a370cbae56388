// @ts-check
// The side navigation marks the section that is being read.

/** @param {HTMLElement} nav */
export default function spy(nav) {
  /** @type {Map<Element, HTMLAnchorElement>} */
  const links = new Map();
  for (const link of nav.querySelectorAll("a")) {
    const section = document.getElementById(link.hash.slice(1));
    if (section) links.set(section, link);
  }

  /** @param {Element} section */
  const mark = (section) => {
    for (const [other, link] of links) {
      if (other === section) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  // A thin band in the upper third of the window: whatever crosses it is being read.
  const watcher = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => mark(target)),
    { rootMargin: "-30% 0px -65% 0px" },
  );
  for (const section of links.keys()) watcher.observe(section);
}
