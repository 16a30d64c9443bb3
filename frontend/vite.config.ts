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
      // htmx has an eval for the attributes and triggers that hold script; no page uses them, and
      // its CSP forbids it. An eval of anybody else is still reported.
      onwarn(warning, warn) {
        const htmx = warning.code === "EVAL" && warning.id?.includes("/node_modules/htmx.org/");
        if (!htmx) warn(warning);
      },
      input: ["src/main.ts", "src/chart.ts", "src/map.ts", "src/icon.svg"],
    },
  },
});
