// A camera gives one picture at a time: each taken is shown, and the next gets a field of its own.
export function startCamera(): void {
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    const holder = field.closest<HTMLElement>("label.do-camera");
    const file = field.files?.[0];
    if (!holder || !field.matches("[data-camera]") || !file) return;
    const next = field.cloneNode() as HTMLInputElement;
    next.value = "";
    field.hidden = true;
    const picture = document.createElement("img");
    picture.alt = file.name;
    picture.src = URL.createObjectURL(file);
    picture.onload = () => URL.revokeObjectURL(picture.src);
    const shots = shotsBeside(holder);
    shots.append(field, picture);
    holder.append(next);
  });
}

function shotsBeside(holder: HTMLElement): HTMLElement {
  const before = holder.previousElementSibling;
  if (before instanceof HTMLElement && before.classList.contains("do-shots")) return before;
  const made = document.createElement("span");
  made.className = "do-shots";
  holder.before(made);
  return made;
}
