import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{infra,apps,lib,images,scripts,bench,policy}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/stage/**"],
          setupFiles: ["./infra/testing/properties.ts"],
          // No test is about its own speed, and the machine may be a slow one.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["tests/**/*.test.ts"],
          // One lab at a time: each one is a whole Kafka cluster on a machine that may have two cores.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
