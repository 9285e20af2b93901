/** The way there: in whatever program of the phone knows ways. Only a tap leads out of this page. */
import { say } from "../common/language";
import type { Shapes } from "../common/api";

export function geoAddress({ wgs84, name }: Shapes["DayPlace"]): string {
  const point = `${wgs84.latitude},${wgs84.longitude}`;
  return `geo:${point}?q=${point}(${encodeURIComponent(name)})`;
}

/** Chinese map programs take the point as Chinese maps publish it, longitude first. */
export function amapAddress({ gcj02, name }: Shapes["DayPlace"]): string {
  const to = `${gcj02.longitude},${gcj02.latitude},${name.replaceAll(",", " ")}`;
  const query = new URLSearchParams({ to, mode: "car", coordinate: "gaode", callnative: "1" });
  return `https://uri.amap.com/navigation?${query}`;
}

export function Route({ place }: { place: Shapes["DayPlace"] | null }) {
  if (place === null) return null;
  return (
    <div class="pair">
      <a class="button big" href={geoAddress(place)}>
        {say("Route", "导航")}
      </a>
      <a class="button big" href={amapAddress(place)} target="_blank" rel="noreferrer">
        {say("Amap", "高德地图")}
      </a>
    </div>
  );
}
