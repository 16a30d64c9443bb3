// What the browser tests ask a page; each returns a few lines about what is wrong.
const seen = (e) => e.checkVisibility({ visibilityProperty: true });
const name = (e) => `${e.tagName.toLowerCase()}.${e.getAttribute("class")}`;
const all = () => [...document.querySelectorAll("body *")].filter(seen);

// Whether something scrolls or is cut in a box of its own, so that it does not widen the document.
function boxed(e) {
  while ((e = e.parentElement) && e !== document.body) {
    if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(e).overflowX)) return true;
  }
  return false;
}

// The document must not be wider than the screen, nor anything stick out of it.
function spills() {
  const wide = document.documentElement.clientWidth + 1;
  const out = all().filter((e) => {
    const box = e.getBoundingClientRect();
    const apart = "svg, details:not([open]) > :not(summary), .visually-hidden, .skip";
    return box.width > 0 && box.right > wide && !e.closest(apart) && !boxed(e);
  });
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return [...(over > 0 ? [`${over} px too wide`] : []), ...out.slice(0, 4).map(name)];
}

// Text below 12 px; figures set low or high may be smaller.
function tiny() {
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const size = (e) => getComputedStyle(e).fontSize;
  return all()
    .filter((e) => own(e) && parseFloat(size(e)) < 11.99 && !e.closest("sub, sup, .visually-hidden"))
    .slice(0, 4)
    .map((e) => `${name(e)} "${e.textContent.trim().slice(0, 20)}" ${size(e)}`);
}

// All words of a page, but for code and what says that it is in another language.
function texts() {
  const apart = "code, pre, script, style, noscript, option[value], [lang]:not(html)";
  const found = [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest(apart)) found.push(walk.currentNode.textContent.trim());
  }
  for (const attribute of ["aria-label", "title", "placeholder"]) {
    for (const e of document.querySelectorAll(`[${attribute}]`)) {
      if (!e.closest("[lang]:not(html)")) found.push(e.getAttribute(attribute));
    }
  }
  return found.filter((text) => text);
}

// What has the focus, if nothing shows that it has.
function unmarked() {
  const e = document.activeElement;
  if (e === document.body) return null;
  const marked = [e, e.parentElement, e.closest(".search, .filter")].filter(Boolean).some((x) => {
    const style = getComputedStyle(x);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return outlined || style.boxShadow !== "none";
  });
  return marked ? null : e.outerHTML.slice(0, 90);
}
