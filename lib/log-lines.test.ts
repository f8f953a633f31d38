import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createLogger } from "../apps/common/logging.ts";
import { readableLine } from "./log-lines.ts";

/** The line that our apps would write. */
function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  const log = createLogger({ app: "producer", level: "info", environment: "lab" });
  // The same logger on a stream of ours.
  const stream = (log as unknown as Record<symbol, { write: (line: string) => void }>)[
    pino.symbols.streamSym
  ];
  if (stream === undefined) throw new Error("pino keeps its stream elsewhere");
  stream.write = (line) => void lines.push(line.trimEnd());
  write(log);
  return lines[0] ?? "";
}

describe("readableLine", () => {
  it("makes of an app's line its time, level, message and reason", () => {
    const cause = new Error("no such file: model.onnx");
    const line = logged((log) =>
      log.fatal({ err: new Error("cannot load", { cause }), attempt: 3 }, "the app ends"),
    );
    expect(line).toContain('"stack"');
    expect(readableLine(line)).toMatch(
      /^20\S+Z fatal the app ends: cannot load: no such file: model\.onnx \(attempt 3\)$/,
    );
    const bare = logged((log) => log.error({ err: new Error("refused") }, "not ready"));
    expect(readableLine(bare)).toMatch(/^20\S+Z error not ready: refused$/);
    expect(readableLine(logged((log) => log.info("ready")))).toMatch(/^20\S+Z info ready$/);
  });

  it("leaves every other line as it is", () => {
    const others = ["", "{", '{"a":1}', "[2026] WARN text", '{"time":1,"level":30,"msg":"numbers"}', "null"];
    for (const line of others) expect(readableLine(line)).toBe(line);
    fc.assert(fc.property(fc.string(), (line) => readableLine(line) === line));
    fc.assert(fc.property(fc.json(), (line) => readableLine(line) === line));
  });
});
