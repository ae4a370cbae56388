// @ts-check
// "Near me": asks the browser for its place, rounds it to a tenth of a degree (some ten
// kilometres) and only then lets it leave this computer, in the address of the list.

/** @param {HTMLButtonElement} button */
export default function near(button) {
  const label = button.querySelector("span");
  const { href, asking, refused } = button.dataset;
  if (!label || !href || !("geolocation" in navigator)) return;

  button.hidden = false;
  button.addEventListener("click", () => {
    label.textContent = asking ?? "";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const list = new URL(href, location.href);
        list.searchParams.set("near", `${coords.latitude.toFixed(1)},${coords.longitude.toFixed(1)}`);
        location.assign(list);
      },
      () => (label.textContent = refused ?? ""),
      { maximumAge: 600_000, timeout: 10_000 },
    );
  });
}
