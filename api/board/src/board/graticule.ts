/** Lines of latitude and longitude, so that a map without ground can still be read. */
import L from "leaflet";

const STEPS_DEG = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const MOST_LINES = 6;

export function graticule(map: L.Map, colour: string): () => void {
  const layer = L.layerGroup().addTo(map);
  const draw = () => {
    layer.clearLayers();
    const bounds = map.getBounds();
    const [south, north] = [bounds.getSouth(), bounds.getNorth()];
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    const span = Math.max(north - south, east - west);
    const step = STEPS_DEG.find((one) => span / one <= MOST_LINES) ?? 10;
    const style = { color: colour, weight: 1, interactive: false };
    for (const latitude of multiples(south, north, step)) {
      L.polyline(
        [
          [latitude, west],
          [latitude, east],
        ],
        style,
      ).addTo(layer);
      label(layer, [latitude, west], `${latitude.toFixed(2)}°`);
    }
    for (const longitude of multiples(west, east, step)) {
      L.polyline(
        [
          [south, longitude],
          [north, longitude],
        ],
        style,
      ).addTo(layer);
      label(layer, [south, longitude], `${longitude.toFixed(2)}°`);
    }
  };
  map.on("moveend", draw);
  draw();
  return () => {
    map.off("moveend", draw);
    layer.remove();
  };
}

function label(layer: L.LayerGroup, at: L.LatLngTuple, text: string): void {
  const tooltip = { permanent: true, direction: "right", className: "degree", opacity: 1 } as const;
  L.circleMarker(at, { radius: 0, interactive: false }).bindTooltip(text, tooltip).addTo(layer);
}

function multiples(from: number, to: number, step: number): number[] {
  const found = [];
  for (let at = Math.ceil(from / step); at * step < to; at++) found.push(at * step);
  return found;
}
