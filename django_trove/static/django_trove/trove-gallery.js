// A lightbox for the photos and videos of a gallery, and infinite scrolling for its pages. Without this script,
// photos link to their pages, and "Older" links to the next page.

const MAX_AUTOMATIC_PAGES = 3; // after that, a click on "Older" loads the next page
const MIN_SWIPE_DISTANCE = 50; // pixels
const loadedUrl = location.href.split("#")[0];

class Lightbox {
  constructor(list, loader) {
    this.list = list;
    this.loader = loader;
    this.labels = list.dataset;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "trove-lightbox";
    this.dialog.setAttribute("aria-label", this.labels.label);
    this.image = document.createElement("img");
    this.image.draggable = false; // dragging would prevent swiping with a mouse
    this.title = document.createElement("p");
    this.title.className = "trove-lightbox-title";
    this.title.setAttribute("aria-live", "polite");
    this.caption = document.createElement("div");
    this.caption.className = "trove-lightbox-caption";
    this.buttons = ["previous", "next", "close"].map((name) => this.createButton(name));
    this.dialog.append(this.image, this.title, this.caption, ...this.buttons);
    this.dialog.addEventListener("keydown", (event) => this.handleKeydown(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.goBack());
    this.dialog.addEventListener("cancel", (event) => (event.preventDefault(), this.goBack()));
    this.dialog.addEventListener("pointerdown", (event) => (this.pointerStart = event.clientX));
    this.dialog.addEventListener("pointermove", (event) => this.moveImage(event));
    this.dialog.addEventListener("pointerup", (event) => this.handleSwipe(event));
    this.dialog.addEventListener("pointercancel", () => this.endSwipe());
    list.addEventListener("click", (event) => this.handleClick(event));
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
    history.pushState(this.historyState(photo), "", findPageUrl(photo));
    this.open(photo);
  }

  /* Return whether this gallery contains the photo of the history entry. */
  restoreFromHistory() {
    const { troveGallery, trovePhoto } = history.state ?? {};
    const isThisGallery = troveGallery === findGalleries(document).indexOf(this.list);
    const photo = isThisGallery && this.photos.find((element) => element.dataset.large === trovePhoto);
    if (photo) this.open(photo);
    else if (this.dialog.open) this.close();
    return Boolean(photo);
  }

  historyState(photo) {
    return {
      troveGallery: findGalleries(document).indexOf(this.list),
      trovePhoto: photo.dataset.large,
      trovePage: findPageUrl(photo),
    };
  }

  open(photo) {
    this.galleryTitle ??= document.title;
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
    document.title = this.title.textContent = photo.querySelector("img").alt;
    this.showFacts(photo);
    this.updateButtons();
    this.preload(1);
  }

  showFacts(photo) {
    const facts = photo.querySelector("template")?.content ?? photo.querySelector("figcaption");
    const pageLink = document.createElement("a");
    pageLink.href = photo.querySelector("a:has(img)").href;
    pageLink.textContent = photo.querySelector(".trove-video-mark") ? this.labels.videoPage : this.labels.page;
    this.caption.replaceChildren(...facts.cloneNode(true).childNodes, pageLink);
  }

  updateButtons() {
    const photos = this.photos;
    const index = photos.indexOf(this.currentPhoto);
    this.buttons[0].disabled = index <= 0;
    this.buttons[1].disabled = index >= photos.length - 1 && !this.loader?.nextLink;
    if (this.dialog.open && document.activeElement === document.body) this.buttons[2].focus();
  }

  /* Load the picture of a neighbor, or the next page of photos. */
  preload(offset) {
    const neighbor = this.findNeighbor(offset);
    if (neighbor) new Image().src = neighbor.dataset.large;
    else this.loader?.loadNextPage().then(() => this.updateButtons());
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
    // Chromium does not support the type of QuickTime, but plays such files if it supports the codec.
    if (file.dataset.type !== "video/quicktime") source.type = file.dataset.type;
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

  findNeighbor(offset) {
    return this.photos[this.photos.indexOf(this.currentPhoto) + offset];
  }

  async showNeighbor(offset) {
    if (!this.findNeighbor(offset) && offset > 0 && this.loader?.nextLink) {
      const before = this.currentPhoto;
      await this.loader.loadNextPage();
      if (!this.dialog.open || this.currentPhoto !== before) return;
      if (!this.findNeighbor(offset)) this.title.textContent = this.loader.status.textContent;
    }
    const photo = this.findNeighbor(offset);
    if (!photo) return;
    history.replaceState(this.historyState(photo), "", findPageUrl(photo));
    this.show(photo);
  }

  handleKeydown(event) {
    const offset = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!offset || event.target === this.video) return; // the arrow keys seek in a video
    event.preventDefault();
    this.showNeighbor(document.dir === "rtl" ? -offset : offset);
  }

  isSwipe(event) {
    return event.target !== this.video && (window.visualViewport?.scale ?? 1) <= 1; // otherwise it is panned
  }

  moveImage(event) {
    if (!event.buttons || this.pointerStart === undefined || !this.isSwipe(event)) return;
    this.image.style.translate = `${event.clientX - this.pointerStart}px`;
  }

  handleSwipe(event) {
    const distance = event.clientX - this.pointerStart;
    this.endSwipe();
    if (Math.abs(distance) < MIN_SWIPE_DISTANCE || !this.isSwipe(event)) return;
    this.showNeighbor((distance < 0) === (document.dir !== "rtl") ? 1 : -1);
  }

  endSwipe() {
    this.pointerStart = undefined;
    this.image.style.translate = "";
  }

  /* Close the dialog like the browser's "back" button. `popstate` then calls `close`. */
  goBack() {
    if (this.isGoingBack) return; // a second step would leave the page
    this.isGoingBack = true;
    history.back();
  }

  close() {
    this.isGoingBack = false;
    document.title = this.galleryTitle;
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

  /* While a photo is open, relative URLs would be resolved against the URL of its page. */
  get nextUrl() {
    return new URL(this.nextLink.getAttribute("href"), loadedUrl).href;
  }

  handleClick(event) {
    if (event.target.closest("a[rel=next]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.loadNextPage(true);
    }
  }

  /* A promise that is fulfilled when the page has been loaded, or could not be loaded. */
  loadNextPage(isClick = false) {
    if (!this.nextLink) return Promise.resolve();
    this.loading ??= this.requestNextPage(isClick).finally(() => (this.loading = null));
    return this.loading;
  }

  async requestNextPage(isClick) {
    try {
      const response = await fetch(this.nextUrl, { credentials: "same-origin" });
      if (!response.ok) throw new Error(response.status);
      this.appendPage(new DOMParser().parseFromString(await response.text(), "text/html"), isClick);
    } catch {
      this.automaticPagesLeft = 0;
      this.status.textContent = this.list.dataset.failed; // the user can click "Older" again
    }
  }

  appendPage(page, isClick) {
    const newList = findGalleries(page)[findGalleries(document).indexOf(this.list)];
    const items = [...(newList?.children ?? [])];
    const newNav = newList && findPageNav(newList);
    if (!items.length && isClick) return location.assign(this.nextUrl); // for example a login page
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

/* The page of a photo on this site, or undefined. While the photo is open, its URL is that of its page. */
function findPageUrl(photo) {
  return photo.querySelector("a[data-trove-page]:has(img)")?.href;
}

/* On the page of a photo, arrow keys show the previous and the next photo. */
function handleArrowKey(event) {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, video, dialog, .trove-map, [contenteditable]")) return;
  const isRightToLeft = document.dir === "rtl";
  const relation = { ArrowLeft: isRightToLeft ? "next" : "prev", ArrowRight: isRightToLeft ? "prev" : "next" }[event.key];
  if (relation) document.querySelector(`.trove-neighbors a[rel=${relation}]`)?.click();
}

document.addEventListener("keydown", handleArrowKey);

const lightboxes = findGalleries(document).map((list) => {
  const nav = findPageNav(list);
  return new Lightbox(list, nav && new PageLoader(list, nav));
});

function restoreFromHistory() {
  return lightboxes.filter((lightbox) => lightbox.restoreFromHistory()).length > 0;
}

/* A reload replaces the gallery by the photo's page. "Back" is then still a change of state in one document for the
   browser, so that the other page must be loaded here. */
const isReloadedPhoto = Boolean(history.state?.trovePage);

window.addEventListener("popstate", () => {
  const isOpen = restoreFromHistory();
  const isOtherPage = location.href.split("#")[0] !== loadedUrl;
  if (!isOpen && isOtherPage && (isReloadedPhoto || history.state?.trovePage)) location.reload();
});

if (!isReloadedPhoto) restoreFromHistory(); // a reload keeps a photo without a page open
