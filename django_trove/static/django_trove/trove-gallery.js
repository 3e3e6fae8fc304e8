// A gallery's photos, one at a time and large, and its further pages in place. Without it, pictures
// lead to their pages and "Older" to the next page.

const WITHOUT_ASKING = 3; // pages; then the end of the page can be reached, and "Older" is a click

class Lightbox {
  constructor(list) {
    this.list = list;
    this.words = list.dataset;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "trove-lightbox";
    this.dialog.setAttribute("aria-label", this.words.label);
    this.image = document.createElement("img");
    this.image.draggable = false; // a swipe with a mouse is one, too
    this.caption = document.createElement("div");
    this.caption.className = "trove-lightbox-caption";
    this.caption.setAttribute("aria-live", "polite");
    this.buttons = ["previous", "next", "close"].map((name) => this.button(name));
    this.dialog.append(this.image, this.caption, ...this.buttons);
    this.dialog.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.leave());
    this.dialog.addEventListener("cancel", (event) => (event.preventDefault(), this.leave()));
    this.dialog.addEventListener("pointerdown", (event) => (this.began = event.clientX));
    this.dialog.addEventListener("pointerup", (event) => this.swiped(event.clientX - this.began));
    window.addEventListener("popstate", () => this.follow());
    list.addEventListener("click", (event) => this.clicked(event));
    this.follow(); // after a reload, the photo that was open
  }

  button(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `trove-lightbox-${name}`;
    button.setAttribute("aria-label", this.words[name]);
    button.addEventListener("click", () => (name === "close" ? this.leave() : this.step(name === "next" ? 1 : -1)));
    return button;
  }

  get photos() {
    return [...this.list.querySelectorAll(".trove-photo[data-large]:has(a img)")];
  }

  clicked(event) {
    const link = event.target.closest(".trove-photo[data-large] a:has(img)");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const photo = link.closest(".trove-photo");
    history.pushState(this.state(photo), "");
    this.open(photo);
  }

  follow() {
    const { troveGallery, trovePhoto } = history.state ?? {};
    const ours = troveGallery === galleries(document).indexOf(this.list);
    const photo = ours && this.photos.find((one) => one.dataset.large === trovePhoto);
    if (photo) this.open(photo);
    else if (this.dialog.open) this.close();
  }

  state(photo) {
    return { troveGallery: galleries(document).indexOf(this.list), trovePhoto: photo.dataset.large };
  }

  open(photo) {
    this.show(photo);
    if (this.dialog.open) return;
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.buttons[2].focus();
  }

  show(photo) {
    this.shown = photo;
    const small = photo.querySelector("img");
    this.image.removeAttribute("src"); // else the one before stays until this one is there
    this.image.alt = small.alt;
    for (const side of ["width", "height"]) {
      if (small.hasAttribute(side)) this.image.setAttribute(side, small.getAttribute(side));
      else this.image.removeAttribute(side);
    }
    this.image.src = photo.dataset.large;
    const caption = photo.querySelector("figcaption").cloneNode(true);
    const page = document.createElement("a");
    page.href = photo.querySelector("a:has(img)").href;
    page.textContent = this.words.page;
    this.caption.replaceChildren(...caption.childNodes, page);
    const at = this.photos.indexOf(photo);
    this.buttons[0].disabled = at <= 0;
    this.buttons[1].disabled = at >= this.photos.length - 1;
  }

  step(by) {
    const photo = this.photos[this.photos.indexOf(this.shown) + by];
    if (!photo) return;
    history.replaceState(this.state(photo), "");
    this.show(photo);
  }

  pressed(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.step(document.dir === "rtl" ? -by : by);
  }

  swiped(distance) {
    if (Math.abs(distance) > 50) this.step(distance < 0 ? 1 : -1);
  }

  leave() {
    if (this.leaving) return; // a second step back would leave the page
    this.leaving = true;
    history.back(); // closes it by popstate, so that the browser's own "back" is the same
  }

  close() {
    this.leaving = false;
    this.dialog.close();
    this.dialog.remove();
    const link = this.shown.querySelector("a:has(img)");
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }
}

class Pages {
  constructor(list, nav) {
    this.list = list;
    this.nav = nav;
    this.left = WITHOUT_ASKING;
    this.status = document.createElement("p");
    this.status.className = "trove-status";
    this.status.setAttribute("role", "status");
    nav.after(this.status);
    nav.addEventListener("click", (event) => this.clicked(event));
    const near = (entries) => entries.some((entry) => entry.isIntersecting) && this.left-- > 0 && this.more();
    this.observer = new IntersectionObserver(near, { rootMargin: "600px" });
    this.observer.observe(nav);
  }

  get next() {
    return this.nav.querySelector("a[rel=next]");
  }

  clicked(event) {
    if (event.target.closest("a[rel=next]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.more(true);
    }
  }

  async more(asked = false) {
    if (!this.next || this.loading) return;
    this.loading = true;
    try {
      const answer = await fetch(this.next.href, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.status);
      this.add(new DOMParser().parseFromString(await answer.text(), "text/html"), asked);
    } catch {
      this.left = 0;
      this.status.textContent = this.list.dataset.failed; // "Older" is still there to try again
    }
    this.loading = false;
  }

  add(page, asked) {
    const same = galleries(page)[galleries(document).indexOf(this.list)];
    const items = [...(same?.children ?? [])];
    const nav = same && pagesOf(same);
    if (!items.length && asked) return location.assign(this.next.href); // such as to sign in
    if (!items.length) throw new Error("no photos");
    this.list.append(...items);
    nav?.querySelector("a[rel=prev]")?.remove(); // what it leads to is above
    this.nav.replaceChildren(...(nav?.children ?? []));
    this.list.parentElement.querySelector("[data-trove-count]")?.remove();
    this.status.textContent = this.list.dataset.added.replace("%", this.list.children.length);
    if (asked) items[0].querySelector("a, button")?.focus({ preventScroll: true });
    this.observer.unobserve(this.nav);
    if (this.next) this.observer.observe(this.nav); // it says anew whether it is near
  }
}

function galleries(page) {
  return [...page.querySelectorAll("[data-trove-gallery]")];
}

function pagesOf(list) {
  return (list.closest(".trove-list") ?? list.parentElement).querySelector("[data-trove-pages]");
}

for (const list of galleries(document)) {
  new Lightbox(list);
  const nav = pagesOf(list);
  if (nav) new Pages(list, nav);
}
