// The ledger by keyboard: j and k move between cases, x ticks one, Enter opens it; ticks are counted.
export function startLedger(): void {
  const table = document.querySelector<HTMLTableElement>("table[data-ledger]");
  if (!table) return;
  const links = [...table.querySelectorAll<HTMLAnchorElement>("a[data-opens-case]")];
  const boxes = [...table.querySelectorAll<HTMLInputElement>("tbody input[type=checkbox]")];
  const all = table.querySelector<HTMLInputElement>("[data-tick-all]");
  const told = document.querySelector<HTMLElement>("[data-ticked]");
  const count = (): void => {
    const ticked = boxes.filter((box) => box.checked).length;
    if (told) told.textContent = ticked ? `${ticked} ${told.dataset.ticked ?? ""}` : "";
    if (all) all.checked = ticked > 0 && ticked === boxes.length;
  };
  table.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all!.checked;
    count();
  });
  document.addEventListener("keydown", (event) => {
    const focus = document.activeElement;
    const writing = focus instanceof HTMLElement && focus.matches("input:not([type=checkbox]), select, textarea");
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = links.findIndex((link) => link.closest("tr")?.contains(focus));
    if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "x" && at >= 0 && boxes[at]) boxes[at].click();
    else return;
    event.preventDefault();
  });
  count();
}
