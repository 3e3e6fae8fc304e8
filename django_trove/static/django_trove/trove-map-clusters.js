/* django-trove: loads the photos of a map for the visible area, near ones as clusters. */
"use strict";

window.troveMapClusters = (url) => {
  let controller = null;

  const load = async (parameters, signal) => {
    const address = new URL(url, document.baseURI);
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    const response = await fetch(address, { signal, headers: { Accept: "application/json" } });
    return response.ok ? response.json() : null;
  };

  /* A cluster has the properties of a photo of the list, and its number of photos and its corners
     instead of an item of the list. */
  const toPhoto = ({ count, latitude, longitude, title, box: [south, west, north, east] }) => ({
    latitude, longitude, title, count,
    corners: [{ latitude: south, longitude: west }, { latitude: north, longitude: east }],
  });

  const toItem = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.querySelector("li");
  };

  return {
    /* Returns null if the clusters are unavailable, or if newer ones are requested meanwhile. */
    async loadClusters(box, zoom) {
      controller?.abort();
      controller = new AbortController();
      try {
        const data = await load({ box, zoom }, controller.signal);
        return data && data.clusters.map(toPhoto);
      } catch {
        return null;
      }
    },

    /* Returns the items of the list for the photos of a box. */
    async loadItems(box) {
      try {
        const data = await load({ box });
        return data ? data.photos.map(toItem) : [];
      } catch {
        return [];
      }
    },
  };
};
