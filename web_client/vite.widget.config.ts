import { resolve } from "node:path";
import { defineConfig } from "vite";
import { workletAsset, workletSource } from "./vite_plugins/worklet_source.ts";

const WORKLET = resolve(import.meta.dirname, "src/audio/worklet/main.ts");

/** `dist/widget.js`: the element with style and audio processors in one file, for any page. */
export default defineConfig({
  plugins: [workletSource(), workletAsset(WORKLET, "assets/audio-worklet.js")],
  build: {
    target: "es2023",
    emptyOutDir: false,
    copyPublicDir: false,
    lib: {
      entry: resolve(import.meta.dirname, "src/widget/main.ts"),
      formats: ["iife"],
      name: "SalesAgentWidget",
      fileName: () => "widget.js",
    },
  },
});
