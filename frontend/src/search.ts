// "/" goes to the search; arrows walk through what was found; Escape or leaving closes it.
export function startSearch(): void {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  const found = document.getElementById("found");
  if (!field?.form || !found) return;
  const form = field.form;
  const links = () => [...found.querySelectorAll<HTMLAnchorElement>("a")];
  const close = () => {
    found.textContent = "";
  };
  document.addEventListener("keydown", (event) => {
    const inField = (event.target as HTMLElement).matches("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      field.blur();
    } else if (event.key === "ArrowDown" && links().length) {
      event.preventDefault();
      links()[0].focus();
    }
  });
  found.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(document.activeElement as HTMLAnchorElement);
    if (event.key === "ArrowDown") all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (all[at - 1] ?? field).focus();
    else if (event.key === "Home") all[0]?.focus();
    else if (event.key === "End") all[all.length - 1]?.focus();
    else if (event.key === "Escape") {
      close();
      field.focus();
    } else return;
    event.preventDefault();
  });
  // An answer that comes after one has left must not open the list again.
  found.addEventListener("htmx:afterSwap", () => {
    if (!form.contains(document.activeElement)) close();
  });
  form.addEventListener("focusout", (event) => {
    const to = event.relatedTarget as Node | null;
    if (to && !form.contains(to)) close();
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target as Node)) close();
  });
}
