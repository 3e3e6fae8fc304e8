/* django-trove: what a map is drawn on: tiles where the site has some, or the world's land and a
   grid, drawn here. Needs Leaflet, and without tiles vendor/natural-earth/land-110m.js. */
"use strict";

window.troveBaseMap = (() => {
  const SIZE = 256;
  const COARSE = 8; // the deepest zoom at which land of 1:110 million is worth drawing
  const STEPS = [90, 30, 20, 10, 5, 2, 1, .5, .2, .1, .05, .02, .01, .005, .002, .001, .0005];
  const APART = 110; // pixels at least between two lines of the grid

  const across = (longitude) => (longitude + 180) / 360;
  const down = (latitude) => {
    const limited = Math.max(-85.0511, Math.min(85.0511, latitude)) * Math.PI / 180;
    return .5 - Math.log(Math.tan(Math.PI / 4 + limited / 2)) / (2 * Math.PI);
  };
  const latitudeAt = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;

  /* TopoJSON: arcs of steps from point to point, and ~n for arc n backwards. Gives rings of points
     from 0 to 1 across the world's square. */
  const decoded = (land) => {
    const { scale, translate } = land.transform;
    const arcs = land.arcs.map((arc) => {
      let [x, y] = [0, 0];
      return arc.map((step) => {
        [x, y] = [x + step[0], y + step[1]];
        return [across(x * scale[0] + translate[0]), down(y * scale[1] + translate[1])];
      });
    });
    const arcOf = (index) => index < 0 ? [...arcs[~index]].reverse() : arcs[index];
    return land.objects.land.geometries.flatMap((geometry) => geometry.arcs)
      .flat().map((ring) => ring.flatMap(arcOf)).flatMap(aroundTheWorld);
  };

  /* A ring that crosses the antimeridian is drawn at both edges of the square, and Antarctica's,
     which goes around the pole, is closed below it. */
  const aroundTheWorld = (ring) => {
    let turns = 0;
    const whole = ring.map(([x, y], index) => {
      if (index) turns -= Math.round(x - ring[index - 1][0]);
      return [x + turns, y];
    });
    const [first, last] = [whole[0][0], whole.at(-1)[0]];
    if (Math.abs(last - first) > .5) whole.push([last, 1], [first, 1]);
    const copies = [-1, 0, 1].map((by) => whole.map(([x, y]) => [x + by, y]));
    return copies.filter((copy) => copy.some(([x]) => x > 0 && x < 1));
  };
  let rings = null;
  const land = () => {
    rings ??= window.troveLand ? decoded(window.troveLand) : [];
    return rings;
  };

  const fillLand = (context, zoom, at) => {
    const whole = SIZE * 2 ** zoom;
    context.beginPath();
    for (const ring of land()) {
      ring.forEach(([x, y], index) => {
        const point = [x * whole - at.x * SIZE, y * whole - at.y * SIZE];
        if (index) context.lineTo(...point);
        else context.moveTo(...point);
      });
      context.closePath();
    }
    context.fill("evenodd");
  };

  const written = (degrees, positive, negative) => {
    const number = Math.abs(Number(degrees.toFixed(6)));
    const word = number % 180 === 0 ? "%s°" : degrees < 0 ? negative : positive;
    return word.replace("%s", number.toLocaleString(document.documentElement.lang || undefined,
      { maximumFractionDigits: 6 }));
  };

  const line = (context, ...rectangle) => {
    context.globalAlpha = .35;
    context.fillRect(...rectangle);
    context.globalAlpha = 1;
  };

  const drawGrid = (context, zoom, at, words) => {
    const whole = SIZE * 2 ** zoom;
    const step = STEPS.findLast((each) => each * whole / 360 >= APART) ?? STEPS[0];
    const lines = (from, to, place) => {
      const found = [];
      for (let n = Math.floor(from / step); n * step <= to + step; n += 1) {
        const at = place(n * step);
        if (at >= 0 && at < SIZE) found.push([n * step, at]); // what is between two is one tile's
      }
      return found;
    };
    const west = at.x / 2 ** zoom * 360 - 180;
    const xOf = (longitude) => Math.round(across(longitude) * whole) - at.x * SIZE;
    for (const [degrees, x] of lines(west, west + 360 / 2 ** zoom, xOf)) {
      const text = written(degrees, words.wordEast, words.wordWest);
      const width = context.measureText(text).width;
      line(context, x, 0, 1, SIZE);
      context.fillText(text, x + width + 8 > SIZE ? x - width - 4 : x + 4, SIZE - 5);
    }
    const [north, south] = [at.y, at.y + 1].map((y) => latitudeAt(y / 2 ** zoom));
    const yOf = (latitude) => Math.round(down(latitude) * whole) - at.y * SIZE;
    for (const [degrees, y] of lines(south, north, yOf)) {
      line(context, 0, y, SIZE, 1);
      context.fillText(written(degrees, words.wordNorth, words.wordSouth), 48, y < 14 ? y + 12 : y - 4);
    }
  };

  const Drawn = L.GridLayer.extend({
    createTile(at) {
      const tile = L.DomUtil.create("canvas", "trove-map-tile");
      const density = window.devicePixelRatio || 1;
      tile.width = tile.height = SIZE * density;
      const context = tile.getContext("2d");
      context.scale(density, density);
      const colours = getComputedStyle(this._map.getContainer());
      const colour = (name) => colours.getPropertyValue(`--trove-map-${name}`).trim();
      context.fillStyle = colour(at.z <= COARSE ? "sea" : "land");
      context.fillRect(0, 0, SIZE, SIZE);
      context.fillStyle = colour("land");
      if (at.z <= COARSE) fillLand(context, at.z, at);
      context.fillStyle = colour("grid");
      context.font = "11px system-ui, sans-serif";
      drawGrid(context, at.z, at, this.options.words);
      return tile;
    },
  });

  /* Leaflet lets go of a tile by giving it a data: address, which a strict policy refuses. */
  const Fetched = L.TileLayer.extend({
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

  return (data) => {
    if (data.tiles) {
      const options = { maxZoom: Number(data.maxZoom), attribution: data.attribution };
      return new Fetched(data.tiles, options);
    }
    const layer = new Drawn({ words: data, maxZoom: 17, attribution: "Natural Earth" });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => layer.redraw());
    return layer;
  };
})();
