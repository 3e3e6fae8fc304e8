/* django-trove: a map of the photos in the list next to it or, if the site has a URL for them, of
   all photos of the visible area. It requires Leaflet, trove-map-base.js and trove-map-clusters.js. */
"use strict";

(() => {
  const GROUP_DISTANCE = 44; // pixels: photos at a smaller distance are grouped
  const MAX_GROUP_ZOOM = 16; // the deepest zoom level to which a click on a group zooms
  const FULL_CIRCLE = 360; // degrees
  const MARGIN = 0.00001; // degrees
  const BELOW_CONTROLS = [54, 60]; // pixels

  const wrapLongitude = (longitude) =>
    ((longitude + 180) % FULL_CIRCLE + FULL_CIRCLE) % FULL_CIRCLE - 180;

  /* The bounds exclude the widest gap between longitudes, so that photos on both sides of the
     antimeridian are displayed together. */
  const getPhotoBounds = (photos) => {
    const sorted = photos.map((photo) => photo.longitude).sort((a, b) => a - b);
    const gaps = sorted.map((longitude, n) =>
      (n ? longitude - sorted[n - 1] : longitude + FULL_CIRCLE - sorted.at(-1)));
    const west = sorted[gaps.indexOf(Math.max(...gaps))];
    return L.latLngBounds(photos.map(({ latitude, longitude }) =>
      [latitude, longitude < west ? longitude + FULL_CIRCLE : longitude]));
  };

  const parseBox = (text) => {
    const [south, west, north, east] = text.split(",").map(Number);
    return L.latLngBounds([south, west], [north, east < west ? east + FULL_CIRCLE : east]);
  };

  const formatBox = (bounds) => {
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    const isWholeWorld = east - west >= FULL_CIRCLE;
    const edges = [
      bounds.getSouth() < -85 ? -90 : bounds.getSouth(), isWholeWorld ? -180 : wrapLongitude(west),
      bounds.getNorth() > 85 ? 90 : bounds.getNorth(), isWholeWorld ? 180 : wrapLongitude(east),
    ];
    return edges.map((edge) => Number(edge.toFixed(5))).join(",");
  };

  const countPhotos = (photos) => photos.reduce((sum, photo) => sum + (photo.count ?? 1), 0);

  const formatCount = (count) => new Intl.NumberFormat(document.documentElement.lang || undefined,
    { notation: "compact" }).format(count);

  /* A cluster has corners, so that its photos are in the bounds. */
  const getBounds = (photos) => getPhotoBounds(photos.flatMap((photo) => photo.corners ?? [photo]));

  /* The edges of a box are rounded, and must not exclude a photo. */
  const addMargin = (bounds) => L.latLngBounds(
    [bounds.getSouth() - MARGIN, bounds.getWest() - MARGIN],
    [bounds.getNorth() + MARGIN, bounds.getEast() + MARGIN]);

  const isSamePlace = (first, second) =>
    first.latitude === second.latitude && first.longitude === second.longitude;

  const readPhotos = (section) =>
    Array.from(section.querySelectorAll(".trove-map-list > li"), (item) => ({
      item,
      latitude: Number(item.dataset.latitude),
      longitude: Number(item.dataset.longitude),
      title: item.dataset.title,
    }));

  class PhotoMap {
    constructor(element) {
      this.labels = element.dataset;
      this.photos = readPhotos(element.closest(".trove-map"));
      this.source = this.labels.clusters ? window.troveMapClusters(this.labels.clusters) : null;
      const reduceMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.map = L.map(element, {
        zoomControl: false, scrollWheelZoom: false, minZoom: 1,
        zoomAnimation: !reduceMotion, fadeAnimation: !reduceMotion,
        markerZoomAnimation: !reduceMotion, inertia: !reduceMotion,
      });
      this.markers = L.layerGroup().addTo(this.map);
      this.addControls();
      this.fitView();
      this.map.on("moveend", () => this.handleMove());
      this.map.on("popupclose", ({ popup }) => this.handlePopupClose(popup));
      this.handleMove();
      new ResizeObserver(() => this.handleResize()).observe(element);
    }

    /* In a hidden tab or a closed details element, the map has no size and cannot be fitted. */
    handleResize() {
      const wasHidden = this.map.getSize().x === 0;
      this.map.invalidateSize({ pan: false });
      if (wasHidden && this.map.getSize().x) this.fitView();
    }

    addControls() {
      const { map, labels } = this;
      map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
      window.troveBaseMap(labels).addTo(map);
      map.attributionControl.addAttribution("GeoNames"); // place names in popups
      L.control.zoom({ zoomInTitle: labels.labelZoomIn, zoomOutTitle: labels.labelZoomOut }).addTo(map);
      L.control.scale({ maxWidth: 150 }).addTo(map); // as wide as its text at every zoom level
      map.on("focus", () => map.scrollWheelZoom.enable());
      map.on("blur", () => map.scrollWheelZoom.disable());
      map.getContainer().addEventListener("keydown", (event) => {
        if (event.key === "Escape") map.closePopup();
      });
      const field = document.querySelector("form.trove-filter [data-trove-box]");
      if (field) this.addSearchButton(field);
    }

    addSearchButton(field) {
      const control = L.control({ position: "topright" });
      control.onAdd = () => {
        const button = L.DomUtil.create("button", "trove-button trove-map-search");
        button.type = "button";
        button.textContent = this.labels.labelSearch;
        L.DomEvent.disableClickPropagation(button);
        button.addEventListener("click", () => {
          field.value = formatBox(this.map.getBounds());
          field.form.requestSubmit();
        });
        return button;
      };
      control.addTo(this.map);
    }

    fitView() {
      const { box } = this.labels;
      if (box) {
        this.area ??= L.rectangle(parseBox(box), { className: "trove-map-box", interactive: false })
          .addTo(this.map);
        // Without the negative padding, each search would zoom out by one level.
        this.map.fitBounds(parseBox(box).pad(-0.02));
      } else if (this.photos.length) {
        this.map.fitBounds(getPhotoBounds(this.photos), { padding: [40, 40], maxZoom: 12 });
      } else {
        this.map.setView([20, 0], 1);
      }
    }

    handleMove() {
      if (this.map.getZoom() !== this.zoom) this.updateMarkers();
      if (this.source) this.loadClusters();
      this.markers.eachLayer((marker) => marker.setLatLng(this.getNearestPosition(marker.photos[0])));
    }

    /* Marks the map as busy while data are loaded. */
    async wait(promise) {
      const container = this.map.getContainer();
      this.pending = (this.pending ?? 0) + 1;
      container.setAttribute("aria-busy", "true");
      const result = await promise;
      this.pending -= 1;
      if (!this.pending) container.removeAttribute("aria-busy");
      return result;
    }

    async loadClusters() {
      if (!this.map.getSize().x) return;
      const clusters = await this.wait(
        this.source.loadClusters(formatBox(this.map.getBounds()), this.map.getZoom()));
      if (!clusters) return;
      this.photos = clusters;
      const shown = this.map.getContainer().closest(".trove-map").querySelector(".trove-map-count");
      if (shown && clusters.length) shown.hidden = true; // it states the number of photos of the list
      this.updateMarkers();
    }

    /* The photo's position on the copy of the world that is nearest to the center of the view. */
    getNearestPosition({ latitude, longitude }) {
      const turns = Math.round((this.map.getCenter().lng - longitude) / FULL_CIRCLE);
      return L.latLng(latitude, longitude + turns * FULL_CIRCLE);
    }

    updateMarkers() {
      this.zoom = this.map.getZoom();
      const groups = [];
      for (const photo of this.photos) {
        const point = this.map.project(this.getNearestPosition(photo), this.zoom);
        const nearGroup = groups.find((group) => group.point.distanceTo(point) < GROUP_DISTANCE);
        if (nearGroup) nearGroup.photos.push(photo);
        else groups.push({ point, photos: [photo] });
      }
      const focusedPhoto = document.activeElement?.trovePhoto;
      this.markers.clearLayers();
      for (const { photos } of groups) this.markers.addLayer(this.createMarker(photos));
      if (focusedPhoto) this.findMarker(focusedPhoto)?.getElement().focus({ preventScroll: true });
    }

    findMarker(photo) {
      return this.markers.getLayers().find((marker) => marker.photos.includes(photo))
        ?? this.markers.getLayers().find((marker) => isSamePlace(marker.photos[0], photo));
    }

    createMarker(photos) {
      const count = countPhotos(photos);
      const isGroup = count > 1;
      const icon = L.divIcon({
        className: isGroup ? "trove-map-group" : "trove-map-pin",
        html: isGroup ? formatCount(count) : "",
        iconSize: isGroup ? [36, 36] : [26, 26],
      });
      const marker = L.marker(this.getNearestPosition(photos[0]), { icon, riseOnHover: true });
      marker.photos = photos;
      marker.on("add", () => {
        const element = marker.getElement();
        element.trovePhoto = photos[0];
        element.setAttribute("aria-label", isGroup
          ? this.labels.labelGroup.replace("%s", count)
          : photos[0].title || this.labels.labelPhoto);
      });
      marker.on("click", () => this.openMarker(marker));
      marker.on("keypress", ({ originalEvent }) => {
        if (originalEvent.key !== "Enter" && originalEvent.key !== " ") return;
        originalEvent.preventDefault();
        this.openMarker(marker);
      });
      return marker;
    }

    /* Zooms in to a group, or opens a popup if zooming cannot separate its photos. */
    async openMarker(marker) {
      const bounds = getBounds(marker.photos);
      const maxZoom = Math.min(this.map.getMaxZoom(), MAX_GROUP_ZOOM);
      const zoom = Math.min(this.map.getBoundsZoom(bounds, false, L.point(60, 60)), maxZoom);
      if (countPhotos(marker.photos) > 1 && zoom > this.zoom) {
        this.map.setView(this.getNearestPosition({ latitude: bounds.getCenter().lat,
          longitude: bounds.getCenter().lng }), zoom);
        return;
      }
      const isLoaded = marker.photos.every(({ item }) => item);
      const items = isLoaded ? marker.photos.map(({ item }) => item.cloneNode(true))
        : await this.wait(this.source.loadItems(formatBox(addMargin(bounds))));
      if (items.length) this.openPopup(marker, items);
    }

    openPopup(marker, items) {
      const popup = L.popup({ maxWidth: 260, minWidth: 200, maxHeight: 260,
        autoPanPaddingTopLeft: BELOW_CONTROLS })
        .setLatLng(marker.getLatLng()).setContent(this.createPopupContent(items));
      popup.marker = marker;
      popup.openOn(this.map);
      const closeButton = popup.getElement().querySelector(".leaflet-popup-close-button");
      closeButton.setAttribute("aria-label", this.labels.labelClose);
      (popup.getElement().querySelector("a[href]:not([href='#close'])") ?? closeButton)
        .focus({ preventScroll: true });
    }

    createPopupContent(items) {
      const list = document.createElement("ul");
      list.className = "trove-map-photos";
      for (const item of items) {
        item.removeAttribute("id");
        list.append(item);
      }
      return list;
    }

    handlePopupClose(popup) {
      if (!popup.getElement()?.contains(document.activeElement)) return;
      this.findMarker(popup.marker.photos[0])?.getElement()?.focus({ preventScroll: true });
    }
  }

  const initialize = () => {
    if (!window.L || !window.troveBaseMap) return;
    for (const element of document.querySelectorAll(".trove-map-canvas:not([data-ready])")) {
      element.dataset.ready = "";
      element.troveMap = new PhotoMap(element);
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", initialize);
  else initialize();
})();
