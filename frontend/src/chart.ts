// Time series one can look into; loaded only by pages that show them. Without it the page shows the
// picture the server drew, which is also what is printed.
import { draw } from "./charts/draw";
import type { SeriesData } from "./charts/data";

function start(within: ParentNode): void {
  for (const place of within.querySelectorAll<HTMLElement>("[data-series]:not([data-started])")) {
    place.dataset.started = "";
    void load(place);
  }
}

async function load(place: HTMLElement): Promise<void> {
  const answer = await fetch(place.dataset.series!, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${place.dataset.series}: ${answer.status}`);
  const data = (await answer.json()) as SeriesData;
  place.hidden = false;
  place.parentElement!.classList.add("drawn");
  draw(place, data);
}

start(document);
document.addEventListener("htmx:afterSettle", () => start(document));
