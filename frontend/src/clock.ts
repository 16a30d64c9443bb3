// The clock in the top line runs from the time the server gave, not from the machine's own; a demo
// may run faster than the wall clock (data-speed).
export function startClock(): void {
  const shown = document.querySelector<HTMLElement>("[data-clock]");
  if (!shown?.dataset.clock) return;
  const origin = shown.dataset.clock;
  const speed = Number(shown.dataset.speed ?? "1");
  const began = performance.now();
  const zoneMinutes = offsetMinutes(origin);
  const text = shown.textContent ?? "";
  const start = Date.parse(origin);
  setInterval(() => {
    const local = new Date(start + (performance.now() - began) * speed + zoneMinutes * 60_000);
    const day = local.toISOString().slice(0, 10);
    if (!text.startsWith(day)) return location.reload(); // a new day: "today" means another one
    shown.textContent = text.replace(/\d\d:\d\d$/, local.toISOString().slice(11, 16));
  }, 1000);
}

function offsetMinutes(iso: string): number {
  const found = /([+-])(\d\d):(\d\d)$/.exec(iso);
  if (!found) return 0;
  return (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
}
