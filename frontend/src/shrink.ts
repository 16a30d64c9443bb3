// On a poor line photographs are made small before they are sent: [evidence] original = "resize".
export function startShrink(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-shrink]")) {
    const [side, kilobytes] = form.dataset.shrink!.split(" ").map(Number) as [number, number];
    const busy = new Set<Promise<void>>();
    form.addEventListener("change", (event) => {
      const field = event.target as HTMLInputElement;
      if (field.type !== "file" || !field.files?.length) return;
      const work = replaceAll(field, side, kilobytes * 1000).catch((error) => console.error(error));
      busy.add(work);
      void work.finally(() => busy.delete(work));
    });
    form.addEventListener("submit", (event) => {
      if (!busy.size) return;
      event.preventDefault();
      const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
      void Promise.all(busy).then(() => form.requestSubmit(button));
    });
  }
}

async function replaceAll(field: HTMLInputElement, side: number, most: number): Promise<void> {
  const made = new DataTransfer();
  for (const file of field.files!) made.items.add(await small(file, side, most));
  field.files = made.files;
}

/** The picture as a JPEG of at most so many bytes; what is small already, or no picture, as it is. */
async function small(file: File, side: number, most: number): Promise<File> {
  if (file.size <= most || !file.type.startsWith("image/")) return file;
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // no picture the browser knows: the server says what is wrong with it
  }
  const canvas = document.createElement("canvas");
  for (let longer = side; ; longer = Math.round(longer * 0.8)) {
    const scale = Math.min(1, longer / Math.max(picture.width, picture.height));
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.85, 0.75, 0.65]) {
      const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (!blob) return file;
      if (blob.size <= most) {
        picture.close();
        const name = `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
        return new File([blob], name, { type: "image/jpeg", lastModified: file.lastModified });
      }
    }
  }
}
