/* django-trove: photos on a map, from the list beside it. Needs Leaflet and trove-map-base.js. */
"use strict";

(() => {
  const TOGETHER = 44; // pixels: photos nearer to each other than that are one group
  const CLOSEST = 16; // the deepest zoom that a group or a single photo is shown at by itself
  const TURN = 360;

  const wrapped = (longitude) => ((longitude + 180) % TURN + TURN) % TURN - 180;

  /* Around the globe there is no first longitude: the widest gap between photos is left outside. */
  const boundsOf = (photos) => {
    const sorted = photos.map((photo) => photo.longitude).sort((a, b) => a - b);
    const gaps = sorted.map((each, n) => (n ? each - sorted[n - 1] : each + TURN - sorted.at(-1)));
    const west = sorted[gaps.indexOf(Math.max(...gaps))];
    return L.latLngBounds(photos.map(({ latitude, longitude }) =>
      [latitude, longitude < west ? longitude + TURN : longitude]));
  };

  const boxBounds = (text) => {
    const [south, west, north, east] = text.split(",").map(Number);
    return L.latLngBounds([south, west], [north, east < west ? east + TURN : east]);
  };

  const boxOf = (bounds) => {
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    const whole = east - west >= TURN;
    const edges = [
      bounds.getSouth() < -85 ? -90 : bounds.getSouth(), whole ? -180 : wrapped(west),
      bounds.getNorth() > 85 ? 90 : bounds.getNorth(), whole ? 180 : wrapped(east),
    ];
    return edges.map((edge) => Number(edge.toFixed(5))).join(",");
  };

  const photosIn = (section) =>
    Array.from(section.querySelectorAll(".trove-map-list > li"), (item) => ({
      item,
      latitude: Number(item.dataset.latitude),
      longitude: Number(item.dataset.longitude),
      title: item.dataset.title,
    }));

  class PhotoMap {
    constructor(element) {
      this.words = element.dataset;
      this.photos = photosIn(element.closest(".trove-map"));
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.map = L.map(element, {
        zoomControl: false, scrollWheelZoom: false, minZoom: 1,
        zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
      });
      this.markers = L.layerGroup().addTo(this.map);
      this.furnish();
      this.look();
      this.map.on("moveend", () => this.moved());
      this.map.on("popupclose", ({ popup }) => this.closed(popup));
      this.moved();
      new ResizeObserver(() => this.resized()).observe(element);
    }

    /* In a tab or a fold that is shut it has no size, and nothing can be looked at in it. */
    resized() {
      const hidden = this.map.getSize().x === 0;
      this.map.invalidateSize({ pan: false });
      if (hidden && this.map.getSize().x) this.look();
    }

    furnish() {
      const { map, words } = this;
      map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
      window.troveBaseMap(words).addTo(map);
      L.control.zoom({ zoomInTitle: words.wordZoomIn, zoomOutTitle: words.wordZoomOut }).addTo(map);
      L.control.scale().addTo(map);
      map.on("focus", () => map.scrollWheelZoom.enable());
      map.on("blur", () => map.scrollWheelZoom.disable());
      map.getContainer().addEventListener("keydown", (event) => {
        if (event.key === "Escape") map.closePopup();
      });
      const field = document.querySelector("form.trove-filter [data-trove-box]");
      if (field) this.addSearch(field);
    }

    addSearch(field) {
      const search = L.control({ position: "topright" });
      search.onAdd = () => {
        const button = L.DomUtil.create("button", "trove-button trove-map-search");
        button.type = "button";
        button.textContent = this.words.wordSearch;
        L.DomEvent.disableClickPropagation(button);
        button.addEventListener("click", () => {
          field.value = boxOf(this.map.getBounds());
          field.form.requestSubmit();
        });
        return button;
      };
      search.addTo(this.map);
    }

    look() {
      const { box } = this.words;
      if (box) {
        this.area ??= L.rectangle(boxBounds(box), { className: "trove-map-box", interactive: false })
          .addTo(this.map);
        this.map.fitBounds(boxBounds(box).pad(-0.02)); // or each search would zoom out by one
      } else if (this.photos.length) {
        this.map.fitBounds(boundsOf(this.photos), { padding: [40, 40], maxZoom: 12 });
      } else {
        this.map.setView([20, 0], 1);
      }
    }

    moved() {
      if (this.map.getZoom() !== this.zoom) this.regroup();
      this.markers.eachLayer((marker) => marker.setLatLng(this.nearest(marker.photos[0])));
    }

    /* Where a photo is on that copy of the world which is nearest to what is looked at. */
    nearest({ latitude, longitude }) {
      const turns = Math.round((this.map.getCenter().lng - longitude) / TURN);
      return L.latLng(latitude, longitude + turns * TURN);
    }

    regroup() {
      this.zoom = this.map.getZoom();
      const groups = [];
      for (const photo of this.photos) {
        const point = this.map.project(this.nearest(photo), this.zoom);
        const near = groups.find((group) => group.point.distanceTo(point) < TOGETHER);
        if (near) near.photos.push(photo);
        else groups.push({ point, photos: [photo] });
      }
      const focused = document.activeElement?.trovePhoto;
      this.markers.clearLayers();
      for (const { photos } of groups) this.markers.addLayer(this.markerOf(photos));
      if (focused) this.markerWith(focused)?.getElement().focus({ preventScroll: true });
    }

    markerWith(photo) {
      return this.markers.getLayers().find((marker) => marker.photos.includes(photo));
    }

    markerOf(photos) {
      const many = photos.length > 1;
      const icon = L.divIcon({
        className: many ? "trove-map-group" : "trove-map-pin",
        html: many ? String(photos.length) : "",
        iconSize: many ? [36, 36] : [26, 26],
      });
      const marker = L.marker(this.nearest(photos[0]), { icon, riseOnHover: true });
      marker.photos = photos;
      marker.on("add", () => {
        const element = marker.getElement();
        element.trovePhoto = photos[0];
        element.setAttribute("aria-label", many
          ? this.words.wordGroup.replace("%s", photos.length)
          : photos[0].title || this.words.wordPhoto);
      });
      marker.on("click", () => this.opened(marker));
      marker.on("keypress", ({ originalEvent }) => {
        if (originalEvent.key !== "Enter" && originalEvent.key !== " ") return;
        originalEvent.preventDefault();
        this.opened(marker);
      });
      return marker;
    }

    /* A group is looked at more closely, until its photos can't be told apart. */
    opened(marker) {
      const bounds = boundsOf(marker.photos);
      const closest = Math.min(this.map.getMaxZoom(), CLOSEST);
      const zoom = Math.min(this.map.getBoundsZoom(bounds, false, L.point(60, 60)), closest);
      if (marker.photos.length > 1 && zoom > this.zoom) {
        this.map.setView(this.nearest({ latitude: bounds.getCenter().lat,
          longitude: bounds.getCenter().lng }), zoom);
        return;
      }
      const popup = L.popup({ maxWidth: 260, minWidth: 200, maxHeight: 260 })
        .setLatLng(marker.getLatLng()).setContent(this.contentOf(marker.photos));
      popup.marker = marker;
      popup.openOn(this.map);
      const closing = popup.getElement().querySelector(".leaflet-popup-close-button");
      closing.setAttribute("aria-label", this.words.wordClose);
      (popup.getElement().querySelector("a[href]:not([href='#close'])") ?? closing)
        .focus({ preventScroll: true });
    }

    contentOf(photos) {
      const list = document.createElement("ul");
      list.className = "trove-map-photos";
      for (const { item } of photos) {
        const copy = item.cloneNode(true);
        copy.removeAttribute("id");
        list.append(copy);
      }
      return list;
    }

    closed(popup) {
      if (!popup.getElement()?.contains(document.activeElement)) return;
      this.markerWith(popup.marker.photos[0])?.getElement()?.focus({ preventScroll: true });
    }
  }

  const start = () => {
    if (!window.L || !window.troveBaseMap) return;
    for (const element of document.querySelectorAll(".trove-map-canvas:not([data-ready])")) {
      element.dataset.ready = "";
      element.troveMap = new PhotoMap(element);
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
