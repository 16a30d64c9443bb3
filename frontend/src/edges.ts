// Marks what scrolls sideways with which of its edges hides something; edges.css fades that edge.
const WIDE = ".scroll, .card, .sub, .nav, .filters";

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

// The page one is on is not to hide behind the edge of its row.
function showCurrent(): void {
  const here = document.querySelector<HTMLElement>(".sub [aria-current]");
  const row = here?.parentElement;
  if (here && row) row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}
