// Files that are too large are told before they are sent; sending shows that it goes on.
export function startUpload(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-upload]");
  const field = form?.querySelector<HTMLInputElement>("input[type=file]");
  if (!form || !field) return;
  const warning = form.querySelector<HTMLElement>("[data-too-large]")!;
  const sending = form.querySelector<HTMLElement>("[data-sending]")!;
  const most = Number(form.dataset.limit) * 1024 * 1024;
  const check = (): boolean => {
    const size = Array.from(field.files ?? []).reduce((sum, file) => sum + file.size, 0);
    warning.classList.toggle("hidden", size <= most);
    return size <= most;
  };
  field.addEventListener("change", check);
  form.addEventListener("submit", (event) => {
    if (check()) sending.hidden = false;
    else {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}
