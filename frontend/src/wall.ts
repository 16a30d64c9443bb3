// Wall screens: full screen, and Escape leaves (the first one full screen, the next one the wall).
export function startWall(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as HTMLElement).closest("[data-fullscreen]")) {
      void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
    }
  });
  document.addEventListener("keydown", (event) => {
    const leave = document.querySelector<HTMLAnchorElement>("[data-leaves]");
    if (event.key === "Escape" && leave && !document.fullscreenElement) location.assign(leave.href);
  });
}
