import structs from "google-protobuf/google/protobuf/struct_pb.js";

/**
 * Property values as Pulumi's engine sends them to providers: a protobuf Struct, in which secrets are objects with a
 * signature and unknown values (of a preview) are fixed strings. Constants: sdk/go/common/resource/plugin/rpc.go.
 */

/** Stands for a value that is not known before the deployment. */
export const UNKNOWN: unique symbol = Symbol("unknown");

export type Path = readonly (string | number)[];
export type Properties = Record<string, unknown>;

/** Plain values, and the paths of those that are secret. */
export interface Decoded {
  readonly value: Properties;
  readonly secrets: readonly Path[];
}

type Struct = InstanceType<typeof structs.Struct>;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSETS = new Set(["c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"]);
/** One for each type a value may turn out to have: string, bool, number, array, asset, archive, object. */
const UNKNOWNS = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const [UNKNOWN_STRING = ""] = UNKNOWNS;

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws when the properties hold an asset or an archive, which no resource served from here takes */
export function decode(struct: Struct | undefined): Decoded {
  const secrets: Path[] = [];
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === "string") return UNKNOWNS.has(value) ? UNKNOWN : value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (!isObject(value)) return value;
    const signature = value[SIGNATURE];
    if (signature === SECRET) {
      secrets.push(path);
      return walk(value.value, path);
    }
    if (typeof signature === "string" && ASSETS.has(signature)) {
      throw new Error(`${path.join(".")}: assets and archives are not supported`);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  const value = walk(struct?.toJavaScript() ?? {}, []);
  return { value: isObject(value) ? value : {}, secrets };
}

/** The inverse of decode(): wraps what lies at the given paths, and drops properties that are undefined. */
export function encode(value: object, secrets: readonly Path[] = []): Struct {
  const marked = new Set(secrets.map((path) => JSON.stringify(path)));
  const walk = (item: unknown, path: Path): unknown => {
    const plain = walkPlain(item, path);
    return marked.has(JSON.stringify(path)) ? { [SIGNATURE]: SECRET, value: plain } : plain;
  };
  const walkPlain = (item: unknown, path: Path): unknown => {
    if (item === UNKNOWN) return UNKNOWN_STRING;
    if (Array.isArray(item)) return item.map((each, index) => walk(each, [...path, index]));
    if (!isObject(item)) return item;
    return Object.fromEntries(
      Object.entries(item).flatMap(([key, each]) =>
        each === undefined ? [] : [[key, walk(each, [...path, key])] as const],
      ),
    );
  };
  const result = walkPlain(value, []);
  // The published type names JavaScript's own values only by a recursive map, which unknown cannot be narrowed to.
  return structs.Struct.fromJavaScript(result as Parameters<typeof structs.Struct.fromJavaScript>[0]);
}

/** What lies at `path`, or undefined. */
export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, step) => {
    if (Array.isArray(found)) return typeof step === "number" ? found[step] : undefined;
    return isObject(found) ? found[String(step)] : undefined;
  }, value);
}

export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => equal(a[key], b[key]));
}

/** Whether the value is, or anywhere holds, one not known before the deployment. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/**
 * Where `produced` must be secret, given which parts of its source were. A part that is still in its place keeps
 * its path; when it has moved or changed, the whole property that held it becomes secret.
 */
export function carrySecrets(source: Decoded, produced: object, names: readonly string[] = []): Path[] {
  const carried = source.secrets
    .filter((path) => path.length > 0)
    .map((path) => (equal(at(source.value, path), at(produced, path)) ? path : path.slice(0, 1)));
  return [...carried, ...names.map((name) => [name])].filter((path) => at(produced, path) !== undefined);
}

/**
 * What must not appear in a message: every text in the secret parts, its lines (a log shows a text line by line) and
 * the value of one written NAME=value. Texts of fewer than four characters are left out, as they would match by chance.
 */
export function secretTexts({ value, secrets }: Decoded): string[] {
  const texts = (item: unknown): string[] => {
    if (typeof item === "string") return [item, ...item.split("\n"), item.slice(item.indexOf("=") + 1)];
    if (Array.isArray(item)) return item.flatMap(texts);
    return isObject(item) ? Object.values(item).flatMap(texts) : [];
  };
  const all = secrets.flatMap((path) => texts(at(value, path)));
  return [...new Set(all)].filter((text) => text.trim().length >= 4);
}
