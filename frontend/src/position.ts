// The position of a problem: that of the device, or a click on the map, written into the fields.
import type { Moving } from "./map/moving";

export function startPosition(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-position]")) prepare(part);
}

function prepare(part: HTMLElement): void {
  part.querySelector<HTMLElement>("[data-position-tools]")!.hidden = false;
  const said = part.querySelector<HTMLElement>("[data-position-said]")!;
  const ground = part.querySelector<HTMLElement>("[data-position-ground]")!;
  let map: Moving | undefined;

  part.querySelector("[data-position-here]")!.addEventListener("click", () => {
    const failed = () => { said.textContent = said.dataset.failed ?? ""; };
    if (!navigator.geolocation) return failed();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        write(part, coords.longitude, coords.latitude);
        said.textContent = (said.dataset.accuracy ?? "").replace("{metres}", String(Math.round(coords.accuracy)));
      },
      failed,
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  });

  const button = part.querySelector<HTMLButtonElement>("[data-position-map]")!;
  button.addEventListener("click", () => void toggle());

  async function toggle(): Promise<void> {
    ground.hidden = !ground.hidden;
    button.setAttribute("aria-expanded", String(!ground.hidden));
    if (ground.hidden || map) return;
    said.textContent = said.dataset.click ?? "";
    try {
      const { makeMoving } = await import("./map/moving");
      map = makeMoving(ground);
      map.pick((lon, lat) => write(part, lon, lat));
      await map.load(button.dataset.positionMap!);
    } catch (error) {
      ground.hidden = true;
      said.textContent = said.dataset.noMap ?? "";
      console.error(error);
    }
  }
}

function write(part: HTMLElement, lon: number, lat: number): void {
  const set = (name: string, value: string) => {
    const field = part.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`);
    if (field) field.value = value;
    return field;
  };
  set("datum", "WGS84"); // devices and the map speak it
  set("lon", lon.toFixed(5));
  set("lat", lat.toFixed(5))?.dispatchEvent(new Event("change", { bubbles: true }));
}
