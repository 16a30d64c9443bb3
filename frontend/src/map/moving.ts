// The map one can move: boundaries as lines, stations as circles, and as links with their names
// where there is room for them. No glyphs are fetched: what is written is HTML.
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import {
  AttributionControl, LngLatBounds, Map as GlMap, Marker, NavigationControl, ScaleControl, setWorkerUrl,
  type GeoJSONSource, type StyleSpecification,
  type SourceSpecification,
} from "maplibre-gl";
import type { FeatureCollection } from "geojson";

setWorkerUrl(new URL(workerUrl, import.meta.url).href);

const MOST_PINS = 60; // links with names at once: more would lie on top of each other

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

interface Station {
  name: string;
  at: [number, number];
  number: string;
  level: number;
  words: string;
  ring: boolean;
  url: string;
}

interface MapData {
  stations: Station[];
  areas: FeatureCollection;
  tiles: string;
  credit: string;
}

export interface Moving {
  load(address: string): Promise<void>;
  pick(chosen: (lon: number, lat: number) => void): void;
  remove(): void;
}

export function makeMoving(place: HTMLElement): Moving {
  place.replaceChildren();
  const map = new GlMap({
    container: place, style: { version: 8, sources: {}, layers: [GROUND] }, attributionControl: false,
    dragRotate: false, pitchWithRotate: false, maxPitch: 0,
  });
  map.getCanvas().setAttribute("aria-label", place.dataset.label ?? "");
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-right");
  let stations: Station[] = [];
  let pins: Marker[] = [];
  let placed = false;
  const ready = new Promise<void>((done) => map.once("load", () => done()));

  function showPins(): void {
    for (const pin of pins) pin.remove();
    const bounds = map.getBounds();
    const here = stations.filter((s) => bounds.contains(s.at));
    const few = here.length <= MOST_PINS;
    if (map.getLayer("stations")) map.setLayoutProperty("stations", "visibility", few ? "none" : "visible");
    pins = few ? here.map((s) => new Marker({ element: pin(s) }).setLngLat(s.at).addTo(map)) : [];
    hideCovered(pins.map((p) => p.getElement()));
  }

  map.on("moveend", showPins);
  map.on("click", "stations", (event) => {
    const url = event.features?.[0]?.properties?.url as string | undefined;
    if (url) location.assign(url);
  });

  return {
    async load(address) {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      const data = (await answer.json()) as MapData;
      await ready;
      stations = data.stations;
      await draw(map, data);
      if (!placed) placed = lookAtAll(map, data);
      showPins();
    },
    pick(chosen) {
      const mark = new Marker();
      map.on("click", (event) => {
        mark.setLngLat(event.lngLat).addTo(map);
        chosen(event.lngLat.lng, event.lngLat.lat);
      });
    },
    remove() {
      map.remove();
    },
  };
}

const GROUND = { id: "ground", type: "background", paint: { "background-color": token("--ground-2") } } as const;

async function draw(map: GlMap, data: MapData): Promise<void> {
  const points: FeatureCollection = {
    type: "FeatureCollection",
    features: data.stations.map((s) => ({
      type: "Feature",
      properties: { level: s.level, url: s.url },
      geometry: { type: "Point", coordinates: s.at },
    })),
  };
  const known = map.getSource<GeoJSONSource>("stations");
  if (known) {
    known.setData(points);
    map.getSource<GeoJSONSource>("areas")?.setData(data.areas);
    return;
  }
  const styled = new Promise<void>((done) => map.once("style.load", () => done()));
  map.setStyle(styleOf(data, points), { diff: false });
  if (data.tiles) map.addControl(new AttributionControl({ customAttribution: text(data.credit), compact: false }));
  await styled;
}

function styleOf(data: MapData, points: FeatureCollection): StyleSpecification {
  const byLevel = (suffix: string, none: string) =>
    ["match", ["get", "level"], ...[1, 2, 3, 4, 5, 6].flatMap((n) => [n, token(`--aqi-${n}${suffix}`)]), token(none)] as never;
  const sources: Record<string, SourceSpecification> = {
    areas: { type: "geojson", data: data.areas },
    stations: { type: "geojson", data: points },
  };
  if (data.tiles) sources.tiles = { type: "raster", tiles: [data.tiles], tileSize: 256 };
  return {
    version: 8,
    sources,
    layers: [
      GROUND,
      ...(data.tiles ? [{ id: "tiles", type: "raster" as const, source: "tiles" }] : []),
      { id: "land", type: "fill", source: "areas", paint: { "fill-color": token("--ground"), "fill-opacity": data.tiles ? 0 : 0.8 } },
      { id: "lines", type: "line", source: "areas",
        paint: { "line-color": ["match", ["get", "level"], "town", token("--line-2"), token("--ink-3")],
          "line-width": ["match", ["get", "level"], "town", 1, 2] } },
      { id: "stations", type: "circle", source: "stations",
        paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, 3, 8, 7],
          "circle-color": byLevel("", "--ground"), "circle-stroke-color": byLevel("-edge", "--ink-3"),
          "circle-stroke-width": 1.25,
        } },
    ],
  };
}

function lookAtAll(map: GlMap, data: MapData): boolean {
  const bounds = new LngLatBounds();
  for (const station of data.stations) bounds.extend(station.at);
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    if (typeof part[0] === "number") bounds.extend(part as [number, number]);
    else part.forEach(walk);
  };
  for (const area of data.areas.features) if ("coordinates" in area.geometry) walk(area.geometry.coordinates);
  if (bounds.isEmpty()) return false;
  map.fitBounds(bounds, { padding: 40, maxZoom: 13, animate: false });
  return true;
}

// A name that would lie on a dot or on another name is left out; the dot still says it when asked.
function hideCovered(links: HTMLElement[]): void {
  const taken = links.map((link) => link.getBoundingClientRect());
  for (const [at, link] of links.entries()) {
    const words = link.querySelector("small")!;
    const box = words.getBoundingClientRect();
    const free = taken.every((other, i) => i === at || box.right < other.left || other.right < box.left
      || box.bottom < other.top || other.bottom < box.top);
    if (free) taken.push(box);
    else words.hidden = true;
  }
}

const SVG = "http://www.w3.org/2000/svg";

function pin(station: Station): HTMLElement {
  const link = document.createElement("a");
  link.href = station.url;
  link.className = "pin map";
  link.title = `${station.name} ${station.number} ${station.words}`;
  link.setAttribute("aria-label", `${station.number} ${station.name} ${station.words}`); // as it is read on the map
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 30 30");
  svg.setAttribute("class", `dot d${station.level}`);
  const circle = (r: number, name?: string) => {
    const made = document.createElementNS(SVG, "circle");
    for (const [key, value] of Object.entries({ cx: 15, cy: 15, r })) made.setAttribute(key, String(value));
    if (name) made.setAttribute("class", name);
    svg.append(made);
  };
  circle(14);
  if (station.ring) circle(17.5, "halo-ring");
  const number = document.createElementNS(SVG, "text");
  number.setAttribute("x", "15");
  number.setAttribute("y", "19.3");
  number.textContent = station.number;
  svg.append(number);
  const words = document.createElement("small");
  const name = document.createElement("b");
  name.textContent = station.name;
  words.append(name, station.words);
  link.append(svg, words);
  return link;
}

// A line of credit is text, whatever the setting holds.
function text(credit: string): string {
  const made = document.createElement("span");
  made.textContent = credit;
  return made.innerHTML;
}
