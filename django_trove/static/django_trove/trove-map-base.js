/* django-trove: the base layer of a map. It shows the tiles of TROVE["MAP_TILES"] or, without this
   setting, draws land and a grid of coordinates. It requires Leaflet and, without tiles,
   vendor/natural-earth/land-110m.js. */
"use strict";

window.troveBaseMap = (() => {
  const TILE_SIZE = 256;
  const MAX_LAND_ZOOM = 8; // the scale of the land data, 1:110 million, is too coarse for deeper zooms
  const GRID_STEPS = [90, 30, 20, 10, 5, 2, 1, .5, .2, .1, .05, .02, .01, .005, .002, .001, .0005];
  const MIN_GRID_SPACING = 110; // pixels

  /* Web Mercator. The world is a square with coordinates from 0 to 1. */
  const projectLongitude = (longitude) => (longitude + 180) / 360;
  const projectLatitude = (latitude) => {
    const radians = Math.max(-85.0511, Math.min(85.0511, latitude)) * Math.PI / 180;
    return .5 - Math.log(Math.tan(Math.PI / 4 + radians / 2)) / (2 * Math.PI);
  };
  const unprojectLatitude = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;

  /* TopoJSON: arcs are delta-encoded, and the index ~n is arc n in reverse order. Returns rings of
     projected points. */
  const decodeTopology = (topology) => {
    const { scale, translate } = topology.transform;
    const arcs = topology.arcs.map((deltas) => {
      let [x, y] = [0, 0];
      return deltas.map((delta) => {
        [x, y] = [x + delta[0], y + delta[1]];
        return [projectLongitude(x * scale[0] + translate[0]), projectLatitude(y * scale[1] + translate[1])];
      });
    });
    const getArc = (index) => index < 0 ? [...arcs[~index]].reverse() : arcs[index];
    return topology.objects.land.geometries.flatMap((geometry) => geometry.arcs)
      .flat().map((ring) => ring.flatMap(getArc)).flatMap(splitAtAntimeridian);
  };

  /* A ring that crosses the antimeridian is drawn at both edges of the square. The ring of
     Antarctica goes around the pole and is closed below the square. */
  const splitAtAntimeridian = (ring) => {
    let turns = 0;
    const unwrapped = ring.map(([x, y], index) => {
      if (index) turns -= Math.round(x - ring[index - 1][0]);
      return [x + turns, y];
    });
    const [firstX, lastX] = [unwrapped[0][0], unwrapped.at(-1)[0]];
    if (Math.abs(lastX - firstX) > .5) unwrapped.push([lastX, 1], [firstX, 1]);
    const copies = [-1, 0, 1].map((offset) => unwrapped.map(([x, y]) => [x + offset, y]));
    return copies.filter((copy) => copy.some(([x]) => x > 0 && x < 1));
  };
  let cachedRings = null;
  const getLandRings = () => {
    cachedRings ??= window.troveLand ? decodeTopology(window.troveLand) : [];
    return cachedRings;
  };

  const fillLand = (context, coords) => {
    const worldSize = TILE_SIZE * 2 ** coords.z;
    context.beginPath();
    for (const ring of getLandRings()) {
      ring.forEach(([x, y], index) => {
        const point = [x * worldSize - coords.x * TILE_SIZE, y * worldSize - coords.y * TILE_SIZE];
        if (index) context.lineTo(...point);
        else context.moveTo(...point);
      });
      context.closePath();
    }
    context.fill("evenodd");
  };

  const formatDegrees = (degrees, positiveFormat, negativeFormat) => {
    const number = Math.abs(Number(degrees.toFixed(6)));
    const format = number % 180 === 0 ? "%s°" : degrees < 0 ? negativeFormat : positiveFormat;
    return format.replace("%s", number.toLocaleString(document.documentElement.lang || undefined,
      { maximumFractionDigits: 6 }));
  };

  const drawLine = (context, ...rectangle) => {
    context.globalAlpha = .35;
    context.fillRect(...rectangle);
    context.globalAlpha = 1;
  };

  const drawGrid = (context, coords, labels) => {
    const worldSize = TILE_SIZE * 2 ** coords.z;
    const step = GRID_STEPS.findLast((size) => size * worldSize / 360 >= MIN_GRID_SPACING) ?? GRID_STEPS[0];
    const findLines = (from, to, toPixels) => {
      const lines = [];
      for (let n = Math.floor(from / step); n * step <= to + step; n += 1) {
        const pixels = toPixels(n * step);
        if (pixels >= 0 && pixels < TILE_SIZE) lines.push([n * step, pixels]);
      }
      return lines;
    };
    const west = coords.x / 2 ** coords.z * 360 - 180;
    const toX = (longitude) => Math.round(projectLongitude(longitude) * worldSize) - coords.x * TILE_SIZE;
    for (const [degrees, x] of findLines(west, west + 360 / 2 ** coords.z, toX)) {
      const text = formatDegrees(degrees, labels.labelEast, labels.labelWest);
      const width = context.measureText(text).width;
      drawLine(context, x, 0, 1, TILE_SIZE);
      context.fillText(text, x + width + 8 > TILE_SIZE ? x - width - 4 : x + 4, TILE_SIZE - 5);
    }
    const [north, south] = [coords.y, coords.y + 1].map((y) => unprojectLatitude(y / 2 ** coords.z));
    const toY = (latitude) => Math.round(projectLatitude(latitude) * worldSize) - coords.y * TILE_SIZE;
    for (const [degrees, y] of findLines(south, north, toY)) {
      const text = formatDegrees(degrees, labels.labelNorth, labels.labelSouth);
      drawLine(context, 0, y, TILE_SIZE, 1);
      context.fillText(text, 48, y < 14 ? y + 12 : y - 4);
    }
  };

  const LandLayer = L.GridLayer.extend({
    createTile(coords) {
      const tile = L.DomUtil.create("canvas", "trove-map-tile");
      const density = window.devicePixelRatio || 1;
      tile.width = tile.height = TILE_SIZE * density;
      const context = tile.getContext("2d");
      context.scale(density, density);
      const style = getComputedStyle(this._map.getContainer());
      const getColor = (name) => style.getPropertyValue(`--trove-map-${name}`).trim();
      const hasLandData = coords.z <= MAX_LAND_ZOOM;
      context.fillStyle = getColor(hasLandData ? "sea" : "land");
      context.fillRect(0, 0, TILE_SIZE, TILE_SIZE);
      context.fillStyle = getColor("land");
      if (hasLandData) fillLand(context, coords);
      context.fillStyle = getColor("grid");
      context.font = "11px system-ui, sans-serif";
      drawGrid(context, coords, this.options.labels);
      return tile;
    },
  });

  /* Leaflet cancels the loading of a tile with a data: URL, which a strict Content-Security-Policy
     blocks. This layer removes the element instead. */
  const CancellableTileLayer = L.TileLayer.extend({
    _abortLoading() {
      for (const [key, tile] of Object.entries(this._tiles)) {
        if (tile.coords.z === this._tileZoom || tile.el.complete) continue;
        tile.el.onload = tile.el.onerror = null;
        tile.el.remove();
        delete this._tiles[key];
      }
    },
    _removeTile(key) {
      if (this._tiles[key]) L.GridLayer.prototype._removeTile.call(this, key);
    },
  });

  /* Creates the layer from the data attributes of the map's element. */
  return (data) => {
    if (data.tiles) {
      const options = { maxZoom: Number(data.maxZoom), attribution: data.attribution };
      return new CancellableTileLayer(data.tiles, options);
    }
    const layer = new LandLayer({ labels: data, maxZoom: 17, attribution: "Natural Earth" });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => layer.redraw());
    return layer;
  };
})();
