// Two pictures of one place laid over each other: an edge between them that keys and fingers move.
// Without this they stand side by side.
export function startSlider(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-slider]")) {
    const edge = document.createElement("input");
    edge.type = "range";
    edge.min = "0";
    edge.max = "100";
    edge.value = "50";
    edge.setAttribute("aria-label", part.dataset.slider ?? "");
    const show = () => {
      part.style.setProperty("--edge", `${edge.value}%`);
      edge.setAttribute("aria-valuetext", `${edge.value} %`);
    };
    edge.addEventListener("input", show);
    show();
    part.append(edge);
    part.classList.add("over");
  }
}
