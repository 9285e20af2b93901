/** Routes of the chosen technicians in order, stations, and what waits, linked with the board. */
import { useSignal, useSignalEffect } from "@preact/signals";
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { useEffect, useRef } from "preact/hooks";
import { answered, api, type Shapes } from "../common/api";
import { say } from "../common/language";
import { complain } from "../common/notices";
import { theme } from "../common/theme";
import { clockTime } from "../common/time";
import { toGcj02 } from "./datum";
import { graticule } from "./graticule";
import { rows } from "./rows";
import { type Board, board, chosen, instant, seats, selected, view } from "./store";

// Otherwise each marker is moved in 3D, and so is a layer of its own: hundreds of them have to be put
// together at every frame of a drag beside the map.
(L.Browser as { ie3d: boolean }).ie3d = true;

type Ground = Shapes["MapOut"];
type Place = Shapes["BoardPlace"];

/** Told apart also without colour vision: by the numbers of their stops and by their dashes. */
const COLOURS = ["#1f5fbf", "#b7791f", "#2f855a", "#6b4fa0", "#c0392b", "#3b4252"];
const DASHES = ["", "8 4", "2 4", "12 4 2 4"];
const MOST_ROUTES = 12;
/** One place alone is still seen with what is around it. */
const NEAREST_ZOOM = 13;
const PADDING: L.PointExpression = [24, 24];

export function MapPanel({ open }: { open: (visitId: string) => void }) {
  const holder = useRef<HTMLDivElement>(null);
  const map = useSignal<L.Map | null>(null);
  const ground = useSignal<Ground | null>(null);
  const layer = useRef(L.layerGroup());
  const fitted = useRef<string | null>(null);

  useEffect(() => {
    answered(api.GET("/v1/map")).then((found) => {
      ground.value = found;
    }, complain);
  }, []);

  useEffect(() => {
    const element = holder.current;
    const found = ground.value;
    if (element === null || found === null) return;
    const made = L.map(element, {
      preferCanvas: true,
      zoomControl: true,
      attributionControl: true,
    });
    made.attributionControl.setPrefix(false);
    made.setView([0, 0], 2);
    layer.current.addTo(made);
    let forget = () => {};
    if (found.tiles_url) {
      const credit = [found.source, found.approval].filter((text) => text).join(" · ");
      const text = document.createElement("span");
      text.textContent = credit;
      L.tileLayer(found.tiles_url, { attribution: text.innerHTML }).addTo(made);
    } else forget = graticule(made, getComputedStyle(element).borderColor);
    const observer = new ResizeObserver(() => made.invalidateSize());
    observer.observe(element);
    map.value = made;
    return () => {
      observer.disconnect();
      forget();
      made.remove();
      map.value = null;
    };
  }, [ground.value, theme.value]);

  useSignalEffect(() => {
    const [to, of, found] = [map.value, board.value, ground.value];
    if (to === null || of === null || found === null) return;
    const people = drawnPeople();
    const drawing = new Drawing(of, layer.current, found, open);
    drawing.stations(people);
    drawing.waiting();
    people.forEach((technicianId, index) => drawing.routes(technicianId, index));
    // The map moves when what it shows becomes another, and not at every change of it.
    const what = [...people].join();
    if (drawing.bounds.isValid() && fitted.current !== what) {
      fitted.current = what;
      to.fitBounds(drawing.bounds, { padding: PADDING, maxZoom: NEAREST_ZOOM });
    }
    const at = drawing.selected;
    if (at !== null && !to.getBounds().contains(at)) to.panTo(at);
  });

  return (
    <section class="map" aria-label={say("Map", "地图")}>
      <div ref={holder} class="ground" />
      <p class="quiet">
        {drawnPeople().length === 0
          ? say(
              "Choose technicians on the left to see their routes.",
              "在左侧选择技术员以显示其路线。",
            )
          : drawnPeople()
              .map((id) => nameIn(board.value, id))
              .join(say(", ", "、"))}
      </p>
    </section>
  );
}

/** The chosen technicians, and those of the selected visit. */
function drawnPeople(): string[] {
  const visit = selected.value;
  const ofVisit = visit === null ? [] : (seats.value.get(visit)?.technicianIds ?? []);
  const known = new Set(rows.value.map((row) => row.id));
  return [...new Set([...chosen.value, ...ofVisit])]
    .filter((id) => known.has(id))
    .slice(0, MOST_ROUTES);
}

class Drawing {
  readonly bounds = L.latLngBounds([]);
  selected: L.LatLng | null = null;
  private readonly of: Board;
  private readonly layer: L.LayerGroup;
  private readonly ground: Ground;
  private readonly open: (visitId: string) => void;

  constructor(of: Board, layer: L.LayerGroup, ground: Ground, open: (visitId: string) => void) {
    this.of = of;
    this.layer = layer.clearLayers();
    this.ground = ground;
    this.open = open;
  }

  routes(technicianId: string, index: number): void {
    const colour = COLOURS[index % COLOURS.length] ?? "";
    const base = this.of.stations[this.baseOf(technicianId)];
    for (const route of this.of.routes) {
      const isInView =
        instant(this.of, route.finish) > view.value.from &&
        instant(this.of, route.depart) < view.value.to;
      if (route.technician_id !== technicianId || !isInView) continue;
      const line = base === undefined ? [] : [this.at(base)];
      let number = 0;
      for (const stop of route.stops) {
        const visitId = stop.visit_id ?? null;
        const visit = visitId === null ? undefined : this.of.visits[visitId];
        const place =
          visit === undefined
            ? this.of.stations[stop.station_id ?? ""]
            : this.of.sites[visit.site_id];
        if (place === undefined) continue;
        line.push(this.at(place));
        if (visitId === null) continue;
        number += 1;
        const time = clockTime(instant(this.of, stop.start));
        this.visit(visitId, place, `${number}`, `${time} ${place.name}`, colour);
      }
      const dashArray = DASHES[Math.floor(index / COLOURS.length) % DASHES.length] ?? "";
      L.polyline(line, { color: colour, weight: 3, dashArray, interactive: false }).addTo(
        this.layer,
      );
      line.forEach((at) => this.bounds.extend(at));
    }
  }

  stations(people: readonly string[]): void {
    const bases = new Set(people.map((id) => this.baseOf(id)));
    for (const [stationId, place] of Object.entries(this.of.stations)) {
      const icon = L.divIcon({ className: "map-station", html: mark("■", "") });
      L.marker(this.at(place), { icon, title: place.name, alt: place.name })
        .bindTooltip(text(place.name), { permanent: true, direction: "right", className: "place" })
        .bindPopup(text(say("Looking …", "查询中…")))
        .on("popupopen", ({ popup }) => void showStock(popup, stationId, place.name))
        .addTo(this.layer);
      if (people.length === 0 || bases.has(stationId)) this.bounds.extend(this.at(place));
    }
  }

  waiting(): void {
    for (const visitId of this.of.unassigned) {
      const place = this.of.sites[this.of.visits[visitId]?.site_id ?? ""];
      if (place !== undefined) this.visit(visitId, place, "?", place.name, "");
    }
  }

  private visit(id: string, place: Place, sign: string, title: string, colour: string): void {
    const state = this.of.visits[id]?.clock ?? "safe";
    const isSelected = selected.value === id;
    const className = `map-visit ${state}${isSelected ? " selected" : ""}`;
    const icon = L.divIcon({ className, html: mark(sign, colour) });
    L.marker(this.at(place), { icon, title, alt: title, zIndexOffset: isSelected ? 1000 : 0 })
      .on("click", () => this.open(id))
      .addTo(this.layer);
    if (isSelected) this.selected = L.latLng(this.at(place));
  }

  private at(place: Place): L.LatLngTuple {
    const { latitude, longitude } = this.ground.datum === "GCJ-02" ? toGcj02(place) : place;
    return [latitude, longitude];
  }

  private baseOf(technicianId: string): string {
    return this.of.technicians.find((one) => one.id === technicianId)?.station_id ?? "";
  }
}

async function showStock(popup: L.Popup, stationId: string, name: string): Promise<void> {
  const query = { place: stationId, limit: 200 };
  try {
    const found = await answered(api.GET("/v1/stock", { params: { query } }));
    const counts = new Map<string, number>();
    for (const level of found.items) {
      counts.set(level.part_id, (counts.get(level.part_id) ?? 0) + level.on_hand);
    }
    const lines = [...counts].map(([part, count]) => `${part}: ${count}`);
    popup.setContent(text([name, ...lines].join("\n")));
  } catch (error) {
    popup.setContent(text(error instanceof Error ? error.message : ""));
  }
}

/** As an element, so that no name is read as HTML. */
function text(content: string): HTMLElement {
  const element = document.createElement("span");
  element.className = "lines";
  element.textContent = content;
  return element;
}

function mark(sign: string, colour: string): HTMLElement {
  const element = text(sign);
  if (colour !== "") element.style.backgroundColor = colour;
  return element;
}

function nameIn(of: Board | null, technicianId: string): string {
  return of?.technicians.find((one) => one.id === technicianId)?.name ?? technicianId;
}
