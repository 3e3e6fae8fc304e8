// A lightbox for the photos and videos of a gallery, and infinite scrolling for its pages. Without this script,
// photos link to their pages, and "Older" links to the next page.

const MAX_AUTOMATIC_PAGES = 3; // after that, a click on "Older" loads the next page
const MIN_SWIPE_DISTANCE = 50; // pixels

class Lightbox {
  constructor(list) {
    this.list = list;
    this.labels = list.dataset;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "trove-lightbox";
    this.dialog.setAttribute("aria-label", this.labels.label);
    this.image = document.createElement("img");
    this.image.draggable = false; // dragging would prevent swiping with a mouse
    this.caption = document.createElement("div");
    this.caption.className = "trove-lightbox-caption";
    this.caption.setAttribute("aria-live", "polite");
    this.buttons = ["previous", "next", "close"].map((name) => this.createButton(name));
    this.dialog.append(this.image, this.caption, ...this.buttons);
    this.dialog.addEventListener("keydown", (event) => this.handleKeydown(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.goBack());
    this.dialog.addEventListener("cancel", (event) => (event.preventDefault(), this.goBack()));
    this.dialog.addEventListener("pointerdown", (event) => (this.pointerStart = event.clientX));
    this.dialog.addEventListener("pointerup", (event) => this.handleSwipe(event));
    window.addEventListener("popstate", () => this.restoreFromHistory());
    list.addEventListener("click", (event) => this.handleClick(event));
    this.restoreFromHistory(); // a reload keeps the photo open
  }

  createButton(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `trove-lightbox-${name}`;
    button.setAttribute("aria-label", this.labels[name]);
    button.addEventListener("click", () => (name === "close" ? this.goBack() : this.showNeighbor(name === "next" ? 1 : -1)));
    return button;
  }

  get photos() {
    return [...this.list.querySelectorAll(".trove-photo[data-large]:has(a img)")];
  }

  handleClick(event) {
    const link = event.target.closest(".trove-photo[data-large] a:has(img)");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const photo = link.closest(".trove-photo");
    history.pushState(this.historyState(photo), "");
    this.open(photo);
  }

  restoreFromHistory() {
    const { troveGallery, trovePhoto } = history.state ?? {};
    const isThisGallery = troveGallery === findGalleries(document).indexOf(this.list);
    const photo = isThisGallery && this.photos.find((element) => element.dataset.large === trovePhoto);
    if (photo) this.open(photo);
    else if (this.dialog.open) this.close();
  }

  historyState(photo) {
    return { troveGallery: findGalleries(document).indexOf(this.list), trovePhoto: photo.dataset.large };
  }

  open(photo) {
    this.show(photo);
    if (this.dialog.open) return;
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.buttons[2].focus();
  }

  show(photo) {
    this.currentPhoto = photo;
    const file = photo.querySelector("[data-video]");
    this.showPicture(photo);
    this.unloadVideo();
    if (file) this.showVideo(photo, file);
    this.image.hidden = Boolean(file);
    const caption = photo.querySelector("figcaption").cloneNode(true);
    const pageLink = document.createElement("a");
    pageLink.href = photo.querySelector("a:has(img)").href;
    pageLink.textContent = photo.querySelector(".trove-video-mark") ? this.labels.videoPage : this.labels.page;
    this.caption.replaceChildren(...caption.childNodes, pageLink);
    const index = this.photos.indexOf(photo);
    this.buttons[0].disabled = index <= 0;
    this.buttons[1].disabled = index >= this.photos.length - 1;
  }

  showPicture(photo) {
    const thumbnail = photo.querySelector("img");
    this.image.removeAttribute("src"); // do not display the previous photo while this one loads
    this.image.alt = thumbnail.alt;
    for (const attribute of ["width", "height"]) {
      if (thumbnail.hasAttribute(attribute)) this.image.setAttribute(attribute, thumbnail.getAttribute(attribute));
      else this.image.removeAttribute(attribute);
    }
    this.image.src = photo.dataset.large;
  }

  showVideo(photo, file) {
    const source = document.createElement("source");
    source.src = file.dataset.video;
    source.type = file.dataset.type;
    this.video = document.createElement("video");
    this.video.controls = true;
    this.video.preload = "none";
    this.video.poster = photo.dataset.large;
    this.video.setAttribute("aria-label", photo.querySelector("img").alt);
    this.video.append(source);
    this.image.after(this.video);
  }

  unloadVideo() {
    if (!this.video) return;
    this.video.pause();
    this.video.replaceChildren();
    this.video.load(); // stop the download
    this.video.remove();
    this.video = null;
  }

  showNeighbor(offset) {
    const photo = this.photos[this.photos.indexOf(this.currentPhoto) + offset];
    if (!photo) return;
    history.replaceState(this.historyState(photo), "");
    this.show(photo);
  }

  handleKeydown(event) {
    const offset = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!offset || event.target === this.video) return; // the arrow keys seek in a video
    event.preventDefault();
    this.showNeighbor(document.dir === "rtl" ? -offset : offset);
  }

  handleSwipe(event) {
    const distance = event.clientX - this.pointerStart;
    if (event.target === this.video) return; // its controls
    if (Math.abs(distance) > MIN_SWIPE_DISTANCE) this.showNeighbor(distance < 0 ? 1 : -1);
  }

  /* Close the dialog like the browser's "back" button. `popstate` then calls `close`. */
  goBack() {
    if (this.isGoingBack) return; // a second step would leave the page
    this.isGoingBack = true;
    history.back();
  }

  close() {
    this.isGoingBack = false;
    this.unloadVideo();
    this.dialog.close();
    this.dialog.remove();
    const link = this.currentPhoto.querySelector("a:has(img)");
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }
}

class PageLoader {
  constructor(list, nav) {
    this.list = list;
    this.nav = nav;
    this.automaticPagesLeft = MAX_AUTOMATIC_PAGES;
    this.status = document.createElement("p");
    this.status.className = "trove-status";
    this.status.setAttribute("role", "status");
    nav.after(this.status);
    nav.addEventListener("click", (event) => this.handleClick(event));
    const handleIntersection = (entries) => {
      if (entries.some((entry) => entry.isIntersecting) && this.automaticPagesLeft-- > 0) this.loadNextPage();
    };
    this.observer = new IntersectionObserver(handleIntersection, { rootMargin: "600px" });
    this.observer.observe(nav);
  }

  get nextLink() {
    return this.nav.querySelector("a[rel=next]");
  }

  handleClick(event) {
    if (event.target.closest("a[rel=next]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.loadNextPage(true);
    }
  }

  async loadNextPage(isClick = false) {
    if (!this.nextLink || this.isLoading) return;
    this.isLoading = true;
    try {
      const response = await fetch(this.nextLink.href, { credentials: "same-origin" });
      if (!response.ok) throw new Error(response.status);
      this.appendPage(new DOMParser().parseFromString(await response.text(), "text/html"), isClick);
    } catch {
      this.automaticPagesLeft = 0;
      this.status.textContent = this.list.dataset.failed; // the user can click "Older" again
    }
    this.isLoading = false;
  }

  appendPage(page, isClick) {
    const newList = findGalleries(page)[findGalleries(document).indexOf(this.list)];
    const items = [...(newList?.children ?? [])];
    const newNav = newList && findPageNav(newList);
    if (!items.length && isClick) return location.assign(this.nextLink.href); // for example a login page
    if (!items.length) throw new Error("no photos");
    this.list.append(...items);
    newNav?.querySelector("a[rel=prev]")?.remove(); // the previous page is already displayed
    this.nav.replaceChildren(...(newNav?.children ?? []));
    this.list.parentElement.querySelector("[data-trove-count]")?.remove();
    this.status.textContent = this.list.dataset.added.replace("%", this.list.children.length);
    if (isClick) items[0].querySelector("a, button")?.focus({ preventScroll: true });
    this.observer.unobserve(this.nav);
    if (this.nextLink) this.observer.observe(this.nav); // calls handleIntersection with the new position
  }
}

function findGalleries(page) {
  return [...page.querySelectorAll("[data-trove-gallery]")];
}

function findPageNav(list) {
  return (list.closest(".trove-list") ?? list.parentElement).querySelector("[data-trove-pages]");
}

for (const list of findGalleries(document)) {
  new Lightbox(list);
  const nav = findPageNav(list);
  if (nav) new PageLoader(list, nav);
}
