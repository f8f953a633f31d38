import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { copiedPaths } from "../infra/containers/content.ts";

const root = join(import.meta.dirname, "..");

/** Every local file that a module loads, itself included, relative to the root. */
function loaded(file: string, found = new Set<string>()): Set<string> {
  const path = relative(root, file);
  if (found.has(path)) return found;
  found.add(path);
  const text = readFileSync(file, "utf8");
  // `import type` is gone when Node runs the file.
  const imports = text.matchAll(
    /^(?:import|export)(?! type)[^"';]*?(?:from )?"(\.\.?\/[^"]+\.ts)"|import\("(\.\.?\/[^"]+\.ts)"\)/gms,
  );
  for (const [, fixed, dynamic] of imports) loaded(join(dirname(file), fixed ?? dynamic ?? ""), found);
  return found;
}

const appImages = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(root, "apps", name.replace("-", "/"), "main.ts")),
);

describe("an app's image has every file that the app loads", () => {
  it.each(appImages)("%s", (image) => {
    const copied = copiedPaths(readFileSync(join(import.meta.dirname, image, "Dockerfile"), "utf8"));
    const main = join(root, "apps", image.replace("-", "/"), "main.ts");
    const missing = [...loaded(main)].filter(
      (file) => !copied.some((path) => file === path || file.startsWith(`${path}/`)),
    );
    expect(missing).toEqual([]);
  });

  it("is asked of every app", () => {
    expect(appImages).toEqual([
      "classification-classifier",
      "classification-producer",
      "classification-recorder",
      "consoles-documents",
      "grayscale-processor",
      "grayscale-writer",
      "logistics-analyser",
      "logistics-bridge",
      "logistics-sensor",
      "sensors-alerter",
      "sensors-simulator",
      "sensors-store",
      "video-camera",
      "video-frame-saver",
      "video-producer",
      "video-recorder",
    ]);
  });
});
