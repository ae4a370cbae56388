// @ts-check
// "Send it to one neighbour" opens the device's own share sheet; where there is none, the link
// stays what it is: a mail that is begun.

/** @param {HTMLAnchorElement} link */
export default function passOn(link) {
  const { title, text, address } = link.dataset;
  if (!navigator.share) return;

  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await navigator.share({ title, text, url: address });
    } catch {
      // Closed without sending: nothing to say.
    }
  });
}
