// Marks what scrolls sideways with which of its edges hides something; edges.css fades that edge.
const WIDE = ".scroll, .card, .sub, .nav, .filters, .case-steps .body";

export function startEdges(): void {
  const seen = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(enclosing(target))));
  const watch = (): void => {
    for (const box of document.querySelectorAll<HTMLElement>(WIDE)) {
      seen.observe(box);
      for (const inner of box.children) seen.observe(inner);
    }
  };
  document.addEventListener("scroll", ({ target }) => target instanceof HTMLElement && mark(target), {
    capture: true, // a box that scrolls tells only itself
    passive: true,
  });
  document.addEventListener("htmx:afterSettle", watch);
  watch();
  showCurrent();
}

function enclosing(target: Element): HTMLElement | null {
  return target.matches(WIDE) ? (target as HTMLElement) : target.parentElement;
}

function mark(box: HTMLElement | null): void {
  if (!box?.matches(WIDE)) return;
  const hidden = getComputedStyle(box).overflowX === "auto" ? box.scrollWidth - box.clientWidth : 0;
  box.toggleAttribute("data-before", hidden > 1 && box.scrollLeft > 1);
  box.toggleAttribute("data-after", hidden - box.scrollLeft > 1);
}

// The page one is on, and the stage a case is at, are not to hide behind the edge of their row.
function showCurrent(): void {
  for (const here of document.querySelectorAll<HTMLElement>(".sub [aria-current], .steps [aria-current]")) {
    const row = here.closest<HTMLElement>(WIDE);
    if (!row) continue;
    const [from, frame] = [here.getBoundingClientRect(), row.getBoundingClientRect()];
    row.scrollLeft += from.left - frame.left - (row.clientWidth - from.width) / 2;
  }
}
