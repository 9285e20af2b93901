import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const WORKER = "worker";
const PAGES = ["index", "technician", "manager", "scenarios"];

export default defineConfig({
  base: "./",
  test: { environment: "jsdom" },
  build: {
    // No data: addresses, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        ...Object.fromEntries(
          PAGES.map((page) => [page, resolve(import.meta.dirname, `${page}.html`)]),
        ),
        [WORKER]: resolve(import.meta.dirname, "src/technician/worker.ts"),
      },
      output: {
        // Its address is its name: a new one takes the place of the old one.
        entryFileNames: ({ name }) => (name === WORKER ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
