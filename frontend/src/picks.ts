// Searching among boxes to tick; an answer that no longer belongs to what the form asks.
export function startPicks(): void {
  for (const search of document.querySelectorAll<HTMLInputElement>("input[data-picks]")) {
    search.hidden = false;
    const lines = search.parentElement!.querySelectorAll<HTMLLabelElement>("label");
    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLowerCase();
      for (const line of lines) {
        line.hidden = !line.textContent!.toLowerCase().includes(wanted) && !line.querySelector("input")!.checked;
      }
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
  document.querySelector("form[data-asks]")?.addEventListener("input", (event) => {
    if ((event.target as HTMLElement).hasAttribute("data-picks")) return;
    for (const answer of document.querySelectorAll<HTMLFormElement>("form[data-answers]")) {
      for (const button of answer.querySelectorAll("button")) button.disabled = true;
      answer.querySelector<HTMLElement>("[data-outdated]")!.hidden = false;
    }
  });
}
