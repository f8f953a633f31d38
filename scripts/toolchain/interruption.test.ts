import { execa } from "execa";
import { describe, expect, it } from "vitest";

const command = `
  import { execa } from "execa";
  import { interruption } from "./scripts/toolchain/interruption.ts";
  const signal = interruption();
  const update = execa("sh", ["-c", "sleep 1; echo updated"]);
  process.send("ready");
  console.log((await update).stdout);
  console.log(signal.reason.message);
`;

describe("interruption", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "lets an update end at %s, however often it comes",
    async (name) => {
      const program = execa(process.execPath, ["--input-type=module", "--eval", command], { ipc: true });
      await program.getOneMessage();
      program.kill(name);
      program.kill(name);
      const { stdout } = await program;
      expect(stdout.split("\n")).toEqual(["updated", `ended by ${name}`]);
    },
  );
});
