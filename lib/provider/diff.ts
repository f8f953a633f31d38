import { equal, isObject, type Path, type Properties } from "./values.ts";

/** What a change of a property means for the resource: changed in place, or made anew. */
export type Effect = "update" | "replace";

/** Which properties differ, by Pulumi's property path (`ports[0].external`, `labels["a.b"]`), and what that means. */
export interface Diff {
  readonly changes: Readonly<Record<string, Effect>>;
  /** For resources whose old and new selves cannot exist at once. */
  readonly deleteBeforeReplace?: boolean;
}

/** Writes a path as Pulumi does: sdk/go/common/resource/property_path.go. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (/^[A-Za-z_$][\w$]*$/.test(step)) return index === 0 ? step : `.${step}`;
      return `[${JSON.stringify(step)}]`;
    })
    .join("");
}

/** The inverse of formatPath(). */
export function parsePath(text: string): Path {
  const steps: (string | number)[] = [];
  for (const match of text.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)) {
    const [, index, quoted, name] = match;
    if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(String(JSON.parse(quoted)));
    else if (name !== undefined) steps.push(name);
  }
  return steps;
}

/** The paths at which two values differ: as deep as both are of one shape, so that a preview shows the very part. */
export function changedPaths(olds: unknown, news: unknown, path: Path = []): Path[] {
  if (equal(olds, news)) return [];
  if (isObject(olds) && isObject(news)) {
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    return keys.flatMap((key) => changedPaths(olds[key], news[key], [...path, key]));
  }
  if (Array.isArray(olds) && Array.isArray(news)) {
    return Array.from({ length: Math.max(olds.length, news.length) }, (_, index) => index).flatMap((index) =>
      changedPaths(olds[index], news[index], [...path, index]),
    );
  }
  return [path];
}

/**
 * Compares the inputs of the last deployment with the new ones.
 *
 * @param effect what a change of the top-level property of that name means
 */
export function diffInputs(
  olds: object,
  news: object,
  effect: (property: string) => Effect,
): Record<string, Effect> {
  return Object.fromEntries(
    changedPaths(olds, news).map((path) => [formatPath(path), effect(String(path[0]))] as const),
  );
}

/**
 * Drift: properties that the inputs set and that were found to be otherwise when the resource was last read.
 * Properties that either side leaves out are not compared.
 */
export function diffDrift(
  found: Properties,
  news: Properties,
  properties: readonly string[],
  effect: (property: string) => Effect,
): Record<string, Effect> {
  return Object.fromEntries(
    properties
      .filter(
        (name) => found[name] !== undefined && news[name] !== undefined && !equal(found[name], news[name]),
      )
      .map((name) => [name, effect(name)] as const),
  );
}
