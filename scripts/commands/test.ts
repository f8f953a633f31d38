import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatSeconds } from "../../lib/table.ts";
import { type Check, checksOf } from "../checks/checks.ts";
import { describePlugins, pluginsOf, withOfficial } from "../checks/official.ts";
import { type Counts, type FileReport, formatCounts, sumCounts, timesTable } from "../checks/report.ts";
import { REPORT_VARIABLE } from "../checks/reporter.ts";
import { readArguments } from "../toolchain/command-line.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { TEST_PARTS } from "../toolchain/parts/all.ts";
import { prepare } from "../toolchain/prepare.ts";
import { onTerminal } from "../toolchain/run.ts";
import { readIfThere } from "../toolchain/store.ts";

const USAGE = `./scripts/test [--long] [--official]
            formatter, linter, types, unit tests and whole-lab tests
--long      instead: what is run before a release, hours of it (soak, matrices, drills)
--official  instead: whole-lab tests with the plugins of PULUMI_HOME or PATH, not the stand-ins`;
const FLAG = { type: "boolean", default: false } as const;
/** Files whose time is shown one by one. */
const SHOWN_FILES = 12;

type Env = Readonly<Record<string, string>>;

await runMain(async () => {
  const { values: choice } = readArguments(
    process.argv.slice(2),
    { long: FLAG, official: FLAG },
    { usage: USAGE },
  );
  const context = createContext();
  await prepare(context, "./scripts/test", TEST_PARTS);
  const env = await testEnvironment(context, choice.official);
  const reports = await mkdtemp(join(tmpdir(), "edgelab-reports-"));
  const failed: string[] = [];
  const counts: Counts[] = [];
  for (const check of checksOf(choice)) {
    const result = await runCheck(check, context.root, reports, env);
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

/** The tools' own PATH and this process's variables; the tests set up Pulumi's by themselves. */
async function testEnvironment(context: Context, official: boolean): Promise<Env> {
  const { env } = await environment(context);
  const own = Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("PULUMI_") || process.env[name]),
  );
  if (!official) return own;
  const plugins = await pluginsOf(context);
  process.stdout.write(`${describePlugins(plugins)}\n`);
  return withOfficial(own, plugins);
}

async function runCheck(
  { title, command, project }: Check,
  root: string,
  reports: string,
  env: Env,
): Promise<{ passed: boolean; counts?: Counts }> {
  process.stdout.write(`\n=== ${title}: ${command.join(" ")}\n`);
  const started = performance.now();
  const [tool, ...args] = command;
  const report = join(reports, `${project}.json`);
  const reporting =
    project === undefined ? [] : ["--reporter=default", "--reporter=./scripts/checks/reporter.ts"];
  const code = await onTerminal(join(root, "node_modules/.bin", tool), [...args, ...reporting], {
    cwd: root,
    env: { ...env, [REPORT_VARIABLE]: report },
  });
  const text = project === undefined ? undefined : await readIfThere(report);
  const files = text === undefined ? undefined : (JSON.parse(text) as FileReport[]);
  if (files !== undefined) process.stdout.write(`${timesTable(files, SHOWN_FILES)}\n\n`);
  const elapsed = formatSeconds((performance.now() - started) / 1000);
  process.stdout.write(
    `=== ${title}: ${code === 0 ? "passed" : `FAILED (exit code ${code})`} in ${elapsed}\n`,
  );
  if (project === undefined) return { passed: code === 0 };
  // A run that ends without a report (killed, out of memory) is a failure that must show in the count.
  return { passed: code === 0, counts: sumCounts(files ?? [{ passed: 0, failed: 1, skipped: 0 }]) };
}
