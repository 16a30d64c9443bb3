import { defineConfig } from "vite";

// Each entry is loaded by the pages that need it: the map and the charts only where they are shown.
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "../src/lantian/web/static/lantian",
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    target: "es2022",
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      input: ["src/main.ts", "src/chart.ts", "src/map.ts", "src/icon.svg"],
    },
  },
});
