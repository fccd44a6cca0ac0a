import { defineConfig } from "vite";

// The workspace's packages from their sources: nothing has to be built first.
export default defineConfig({
  resolve: { conditions: ["x-source"] },
  build: { target: "es2022" },
});
