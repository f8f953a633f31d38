import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatSeconds } from "../../lib/table.ts";
import { createContext } from "../toolchain/context.ts";
import { environment, type PulumiEnvironment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";
import { TEST_PARTS } from "../toolchain/parts/all.ts";
import { prepare } from "../toolchain/prepare.ts";
import { onTerminal } from "../toolchain/run.ts";
import { readIfThere } from "../toolchain/store.ts";
import { type Counts, countTests, formatCounts, sumCounts, type VitestReport } from "./test-counts.ts";

/** A check: its title, its command, and the vitest project when its tests are counted. */
interface Check {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly project?: string;
}

const CHECKS: readonly Check[] = [
  { title: "format and lint", command: ["biome", "ci", "."] },
  { title: "types", command: ["tsc", "--noEmit"] },
  { title: "unit tests", command: ["vitest", "run", "--project", "unit"], project: "unit" },
  { title: "whole-lab tests", command: ["vitest", "run", "--project", "lab"], project: "lab" },
];

await runMain(async () => {
  if (process.argv.length > 2)
    throw new ToolchainError(`unknown argument ${process.argv[2]}`, "./scripts/test");
  const context = createContext();
  await prepare(context, "./scripts/test", TEST_PARTS);
  const pulumi = await environment(context);
  const reports = await mkdtemp(join(tmpdir(), "edgelab-reports-"));
  const failed: string[] = [];
  const counts: Counts[] = [];
  for (const check of CHECKS) {
    const result = await runCheck(check, context.root, reports, pulumi);
    if (!result.passed) failed.push(check.title);
    if (result.counts !== undefined) counts.push(result.counts);
  }
  await rm(reports, { recursive: true });

  const total = sumCounts(counts);
  if (failed.length > 0) process.stdout.write(`\nfailed: ${failed.join(", ")}\n`);
  const ran = total.passed + total.failed > 0;
  if (!ran) process.stdout.write("\nno test ran\n");
  process.stdout.write(`${formatCounts(total)}\n`);
  return failed.length === 0 && total.failed === 0 && ran ? 0 : 1;
});

async function runCheck(
  { title, command, project }: Check,
  root: string,
  reports: string,
  { env }: PulumiEnvironment,
): Promise<{ passed: boolean; counts?: Counts }> {
  process.stdout.write(`\n=== ${title}: ${command.join(" ")}\n`);
  const started = performance.now();
  const [tool, ...args] = command;
  const report = join(reports, `${project}.json`);
  const reporting =
    project === undefined ? [] : ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // The tools' own PATH and this process's variables; the tests set up Pulumi's by themselves.
  const toolEnv = { ...env };
  for (const name of Object.keys(toolEnv))
    if (name.startsWith("PULUMI_") && !process.env[name]) delete toolEnv[name];
  const code = await onTerminal(join(root, "node_modules/.bin", tool), [...args, ...reporting], {
    cwd: root,
    env: toolEnv,
  });
  const elapsed = formatSeconds((performance.now() - started) / 1000);
  process.stdout.write(
    `=== ${title}: ${code === 0 ? "passed" : `FAILED (exit code ${code})`} in ${elapsed}\n`,
  );
  if (project === undefined) return { passed: code === 0 };
  const text = await readIfThere(report);
  // A run that ends without a report (killed, out of memory) is a failure that must show in the count.
  const counts =
    text === undefined ? { passed: 0, failed: 1, skipped: 0 } : countTests(JSON.parse(text) as VitestReport);
  return { passed: code === 0, counts };
}
