import { writeFile } from "node:fs/promises";
import type { Reporter, TestModule } from "vitest/node";
import type { FileReport } from "./report.ts";

/** Environment variable that names the file for the report. */
export const REPORT_VARIABLE = "EDGELAB_TEST_REPORT";

/** How long vitest may take to end its workers. It waits without end for one whose output a process left behind holds open. */
const ENDING_MS = 60_000;

/** vitest's reporter that writes a {@link FileReport} of each test file as JSON, and ends a run that does not end. */
export default class FileReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const path = process.env[REPORT_VARIABLE];
    if (path === undefined) throw new Error(`${REPORT_VARIABLE} does not name a file for the report`);
    await writeFile(path, JSON.stringify(modules.map(reportOf)));
    setTimeout(() => {
      process.stderr.write(
        "vitest does not end: a test has left a process behind that holds a worker's output open\n",
      );
      process.exit(1);
    }, ENDING_MS).unref();
  }
}

function reportOf(module: TestModule): FileReport {
  const states = [...module.children.allTests()].map((test) => test.result().state);
  const count = (...which: string[]) => states.filter((state) => which.includes(state)).length;
  const failed = count("failed");
  return {
    file: module.relativeModuleId,
    seconds: module.diagnostic().duration / 1000,
    passed: count("passed"),
    failed: failed === 0 && module.state() === "failed" ? 1 : failed,
    skipped: count("skipped", "pending"),
  };
}
