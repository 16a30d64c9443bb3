// Filters that send themselves, menus that close, dialogs that open, forms that are not sent twice.
export function startControls(): void {
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLElement;
    field.closest<HTMLFormElement>("form[data-auto]")?.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method === "get") leaveOutEmpty(form);
    else if (!form.hasAttribute("hx-post")) lock(form);
  });
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    closeMenus(target);
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) document.querySelector<HTMLDialogElement>(opener.dataset.opens!)?.showModal();
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    if (target.closest("[data-prints]")) window.print();
    if (target.closest("[data-copies-address]")) void navigator.clipboard.writeText(location.href);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(document.body);
  });
}

function closeMenus(except: HTMLElement): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

// An address that can be sent names only what was chosen.
function leaveOutEmpty(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]")) {
    if (field.value === "" || field.value === field.dataset.default) field.disabled = true;
  }
  setTimeout(() => {
    for (const field of form.querySelectorAll<HTMLInputElement>("[name][disabled]")) field.disabled = false;
  });
}

function lock(form: HTMLFormElement): void {
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
  addEventListener("pageshow", () => {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }, { once: true });
}
