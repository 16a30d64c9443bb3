// What the device says with the photographs of a form: its clock when it is sent, and its position
// while the form is open, if the person agrees.
export function startDevice(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-device]")) prepare(part);
}

function prepare(part: HTMLElement): void {
  part.hidden = false;
  const said = part.querySelector<HTMLElement>("[data-device-said]")!;
  const agreed = part.querySelector<HTMLInputElement>("[data-device-agreed]")!;
  const set = (name: string, value: string) => {
    part.querySelector<HTMLInputElement>(`[name="device_${name}"]`)!.value = value;
  };
  let watch: number | undefined;

  function forget(): void {
    if (watch !== undefined) navigator.geolocation.clearWatch(watch);
    watch = undefined;
    for (const name of ["lon", "lat", "accuracy"]) set(name, "");
  }

  agreed.addEventListener("change", () => {
    forget();
    if (!agreed.checked) {
      said.textContent = "";
      return;
    }
    const failed = () => { said.textContent = said.dataset.failed ?? ""; };
    if (!navigator.geolocation) return failed();
    said.textContent = said.dataset.waiting ?? "";
    watch = navigator.geolocation.watchPosition(({ coords }) => {
      set("lon", coords.longitude.toFixed(6));
      set("lat", coords.latitude.toFixed(6));
      set("accuracy", coords.accuracy.toFixed(0));
      said.textContent = (said.dataset.found ?? "").replace("{metres}", coords.accuracy.toFixed(0));
    }, failed, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 });
  });
  part.closest("form")?.addEventListener("submit", () => set("at", new Date().toISOString()));
  window.addEventListener("pagehide", forget);
}
