import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const PAGES = ["index", "technician", "manager"];

export default defineConfig({
  base: "./",
  test: { environment: "jsdom" },
  build: {
    // No data: addresses, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(
        PAGES.map((page) => [page, resolve(import.meta.dirname, `${page}.html`)]),
      ),
    },
  },
});
