import type { Failure, ProviderDefinition } from "./handler.ts";
import type { Decoded } from "./values.ts";

/** Keys that the engine itself puts among a provider's configuration. */
const ENGINE_KEYS = new Set(["version", "pluginDownloadURL", "pluginChecksums", "__internal"]);

/** Numbers, booleans, arrays and objects of a provider's configuration arrive as JSON text. */
export function configOf(decoded: Decoded): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(decoded.value)
      .filter(([key]) => !ENGINE_KEYS.has(key))
      .map(([key, value]) => [key, typeof value === "string" ? fromJson(value) : value]),
  );
}

function fromJson(text: string): unknown {
  if (!/^([[{]|true$|false$|-?\d+(\.\d+)?$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // a string that only looks like JSON
  }
}

export function configFailures(
  provider: Omit<ProviderDefinition, "resources">,
  config: Record<string, unknown>,
): readonly Failure[] {
  if (provider.checkConfig !== undefined) return provider.checkConfig(config);
  return Object.keys(config).map((property) => ({
    property,
    reason: `provider ${provider.name} has no configuration key ${property}`,
  }));
}
