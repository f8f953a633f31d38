import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/checks/sequencer.ts";

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["{infra,apps,lib,images,scripts,bench,policy}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/stage/**"],
          setupFiles: ["./infra/testing/properties.ts"],
          // Many wait for a broker or a database of their own, and the default on two cores is one file at a time.
          maxWorkers: 3,
          // No test is about its own speed, and the machine may be a slow one.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "lab",
          globalSetup: ["./tests/support/left-over.ts", "./tests/support/ahead.ts"],
          include: ["tests/*.test.ts"],
          // Two labs at a time: each is a whole Kafka cluster, and waits for most of its time. They have names, ports and
          // networks of their own.
          maxWorkers: 2,
          // No test is about its own speed: standing a lab up on other machines takes minutes, and there is another beside it.
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: "long",
          globalSetup: ["./tests/support/left-over.ts"],
          include: ["tests/long/*.test.ts"],
          // Figures over hours are of one lab alone.
          maxWorkers: 1,
          testTimeout: 12 * 3_600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
