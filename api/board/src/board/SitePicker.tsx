/** A site by its name, place or customer: typed, and chosen from what is found. */
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { answered, api, type Shapes } from "../common/api";
import { say } from "../common/language";
import { complain } from "../common/notices";

type Found = Shapes["Found"];

const MOST = 12;
/** So long nothing is typed before it is asked. */
const PAUSE_MS = 120;

export function SitePicker({ pick }: { pick: (siteId: string | null) => void }) {
  const id = useId();
  const words = useSignal("");
  const found = useSignal<readonly Found[] | null>(null);
  const isOpen = useSignal(false);
  const at = useSignal(0);
  useEffect(() => {
    const q = words.value.trim();
    found.value = null;
    if (q === "" || !isOpen.value) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      const asked = api.GET("/v1/search", { params: { query: { q, limit: MOST } } });
      answered(asked).then(({ items }) => {
        if (!isCurrent) return;
        found.value = items.filter((one) => one.kind === "site");
        at.value = 0;
      }, complain);
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [words.value]);
  const sites = found.value ?? [];
  const take = (site: Found) => {
    isOpen.value = false;
    words.value = site.text;
    pick(site.id);
  };
  const pressed = (event: KeyboardEvent) => {
    const site = sites[at.value];
    if (!isOpen.value) return;
    if (event.key === "ArrowDown" && sites.length > 0) at.value = (at.value + 1) % sites.length;
    else if (event.key === "ArrowUp" && sites.length > 0) {
      at.value = (at.value + sites.length - 1) % sites.length;
    } else if (event.key === "Enter" && site !== undefined) take(site);
    else if (event.key === "Escape") isOpen.value = false;
    else return;
    event.preventDefault();
  };
  const isShown = isOpen.value && found.value !== null;
  return (
    <div class="picker">
      <label>
        {say("Where", "现场")}
        <input
          type="text"
          required
          autofocus
          autocomplete="off"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={isShown}
          aria-controls={`${id}-sites`}
          aria-activedescendant={isShown && sites.length > 0 ? `${id}-${at.value}` : undefined}
          placeholder={say("Name, address, city or customer", "名称、地址、城市或客户")}
          value={words.value}
          onInput={(event) => {
            isOpen.value = true;
            words.value = event.currentTarget.value;
            pick(null);
          }}
          onKeyDown={pressed}
        />
      </label>
      <ul
        id={`${id}-sites`}
        role="listbox"
        aria-label={say("Sites", "现场")}
        class="choices"
        hidden={!isShown || sites.length === 0}
      >
        {sites.map((site, index) => (
          <li
            key={site.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at.value}
            onClick={() => take(site)}
          >
            {site.text} <span class="quiet">{site.address}</span>
          </li>
        ))}
      </ul>
      {isShown && sites.length === 0 && (
        <p class="quiet" role="status">
          {say("No such site.", "没有这样的现场。")}
        </p>
      )}
    </div>
  );
}
