import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Whole-lab test files that take the longest: they start first, so that the others fill the time beside them. Those of
 * labs on several machines, each with a Docker engine of its own, are apart: side by side they take three times as long.
 */
const LONGEST = ["lab.test.ts", "ssh.test.ts", "openstack.test.ts", "video.test.ts"];

/** vitest's own order of files, but for those that are known to be long. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  const index = project.name === "lab" ? LONGEST.indexOf(basename(moduleId)) : -1;
  return index === -1 ? LONGEST.length : index;
}
