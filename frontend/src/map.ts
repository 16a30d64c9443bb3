// Network now: the button that puts a map one can move in the place of the still one. The library
// is loaded only when it is asked for.
import type { Moving } from "./map/moving";

let moving: Moving | undefined;

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-map]");
  if (!button) return;
  if (moving) close();
  else void open(button);
});

// The page was refreshed under an open map: it keeps its place and shows the new hour.
document.addEventListener("htmx:afterSwap", () => {
  const button = document.querySelector<HTMLButtonElement>("[data-map]");
  if (!moving || !button) return;
  show(button, true);
  void moving.load(button.dataset.map!);
});

async function open(button: HTMLButtonElement): Promise<void> {
  const place = document.getElementById("map-moving")!;
  button.disabled = true;
  show(button, true);
  try {
    const { makeMoving } = await import("./map/moving");
    moving = makeMoving(place);
    await moving.load(button.dataset.map!);
  } catch (error) {
    const text = error instanceof DOMException || !moving ? place.dataset.noWebgl : place.dataset.failed;
    moving?.remove();
    moving = undefined;
    const said = document.createElement("p");
    said.className = "said";
    said.setAttribute("role", "alert");
    said.textContent = text ?? "";
    place.replaceChildren(said);
    console.error(error);
  } finally {
    button.disabled = false;
  }
}

function close(): void {
  moving?.remove();
  moving = undefined;
  const button = document.querySelector<HTMLButtonElement>("[data-map]");
  if (button) show(button, false);
}

function show(button: HTMLButtonElement, open: boolean): void {
  document.getElementById("map-moving")!.hidden = !open;
  document.querySelector<HTMLElement>(".map-card .still")!.hidden = open;
  button.dataset.front ??= button.textContent ?? "";
  button.textContent = open ? button.dataset.back! : button.dataset.front;
  button.setAttribute("aria-pressed", String(open));
}
