import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  choice,
  decimal,
  defineEnv,
  EnvError,
  type EnvInput,
  flag,
  integer,
  list,
  secretFile,
  string,
} from "./env.ts";

const env = defineEnv({
  NAME: string(),
  COUNT: integer({ min: 1, max: 9 }).default(3),
  RATIO: decimal({ min: 0, max: 1 }).default(0.5),
  ON: flag().default(false),
  SERVERS: list(),
  LEVEL: choice(["info", "debug"]).default("info"),
  NOTE: string().optional(),
});

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
  return [];
}

describe("defineEnv", () => {
  it("parses values and fills in defaults", () => {
    expect(env.parse({ NAME: "a", SERVERS: "x:1, y:2", PATH: "/bin" })).toEqual({
      NAME: "a",
      COUNT: 3,
      RATIO: 0.5,
      ON: false,
      SERVERS: ["x:1", "y:2"],
      LEVEL: "info",
      NOTE: undefined,
    });
  });

  it("reports every bad variable at once, by name, value and what was expected", () => {
    const problems = problemsOf(() =>
      env.parse({ NAME: "", COUNT: "ten", RATIO: "2", ON: "yes", LEVEL: "loud" }),
    );
    expect(problems).toEqual([
      'NAME="": is empty; expected text',
      'COUNT="ten": is not a whole number; expected a whole number from 1 to 9',
      'RATIO="2": is too large; expected a number from 0 to 1',
      'ON="yes": is neither; expected true or false',
      "SERVERS is not set; expected a list separated by commas",
      'LEVEL="loud": is not among them; expected one of info, debug',
    ]);
  });

  it("refuses to format unknown names, missing values and values out of bounds", () => {
    const values = { NAME: "a", COUNT: 10, SERVRES: ["x"] } as unknown as EnvInput<typeof env>;
    expect(problemsOf(() => env.format(values))).toEqual([
      'COUNT="10": is too large; expected a whole number from 1 to 9',
      "SERVRES is not a variable of this app; it knows NAME, COUNT, RATIO, ON, SERVERS, LEVEL, NOTE",
      "SERVERS is not given; expected a list separated by commas",
    ]);
  });

  it("leaves out what was not given, so that the app's own default holds", () => {
    expect(env.format({ NAME: "a", SERVERS: ["x", "y"] })).toEqual({ NAME: "a", SERVERS: "x,y" });
  });

  it("fails the type check on a misspelt name, a wrong type or a missing variable", () => {
    // @ts-expect-error NMAE is not a variable
    expect(() => env.format({ NAME: "a", SERVERS: ["x"], NMAE: "b" })).toThrow(/NMAE/);
    // @ts-expect-error COUNT is a number
    expect(() => env.format({ NAME: "a", SERVERS: ["x"], COUNT: "3" })).toThrow(/COUNT/);
    // @ts-expect-error SERVERS has no default
    expect(() => env.format({ NAME: "a" })).toThrow(/SERVERS/);
    // @ts-expect-error "loud" is no level
    expect(() => env.format({ NAME: "a", SERVERS: ["x"], LEVEL: "loud" })).toThrow(/LEVEL/);
  });

  it("reads back what it formats", () => {
    const item = fc.string({ minLength: 1 }).filter((text) => !text.includes(",") && text === text.trim());
    const values = fc.record({
      NAME: fc.string({ minLength: 1 }),
      COUNT: fc.integer({ min: 1, max: 9 }),
      RATIO: fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0),
      ON: fc.boolean(),
      SERVERS: fc.array(item, { minLength: 1 }),
      LEVEL: fc.constantFrom("info" as const, "debug" as const),
      NOTE: fc.string({ minLength: 1 }),
    });
    fc.assert(
      fc.property(values, (given) => {
        expect(env.parse(env.format(given))).toEqual(given);
      }),
    );
  });

  it("refuses a default outside its bounds where it is declared", () => {
    expect(() => defineEnv({ COUNT: integer({ min: 1 }).default(0) })).toThrow("is too small");
  });
});

describe("secretFile", () => {
  const secretEnv = defineEnv({ PASSWORD_FILE: secretFile() });

  it("does not show a secret that was put where its file's path belongs", () => {
    const parse = () => secretEnv.parse({ PASSWORD_FILE: "hunter2" });
    expect(parse).toThrow(/PASSWORD_FILE=\[hidden\]: the file cannot be read \(ENOENT\)/);
    expect(parse).not.toThrow(/hunter2/);
  });

  it("reads the secret from the file, which a trailing newline does not change", () => {
    const path = join(mkdtempSync(join(tmpdir(), "env-")), "password");
    writeFileSync(path, "s3cret\n");
    expect(secretEnv.parse(secretEnv.format({ PASSWORD_FILE: path }))).toEqual({ PASSWORD_FILE: "s3cret" });
  });

  it("names the path of a file that cannot be read", () => {
    expect(() => secretEnv.parse({ PASSWORD_FILE: "/no/such/file" })).toThrow(
      /PASSWORD_FILE="\/no\/such\/file"/,
    );
  });
});
