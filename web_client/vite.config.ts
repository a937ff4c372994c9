import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { devWidget } from "./vite_plugins/dev_widget.ts";
import { workletSource } from "./vite_plugins/worklet_source.ts";

/** The server that `npm run dev` passes requests on to. */
const SERVER = process.env.SALES_AGENT_URL ?? "http://127.0.0.1:8080";

/** The pages: `/`, `/talk` and their assets. The widget is built apart, to one file: vite.widget.config.ts. */
export default defineConfig({
  plugins: [workletSource(), devWidget()],
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    // Inlined assets would need `data:` in the page's policy.
    assetsInlineLimit: 0,
    // The console is loaded whole, by a few people.
    chunkSizeWarningLimit: 750,
    rolldownOptions: {
      input: { index: resolve(import.meta.dirname, "index.html"), talk: resolve(import.meta.dirname, "talk.html") },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": SERVER, "/v1": { target: SERVER, ws: true } },
  },
  test: { include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"], setupFiles: ["tests/search_element.ts"] },
});
