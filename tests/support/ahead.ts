import { messageOf } from "../../apps/common/errors.ts";
import { buildCloudImage } from "./cloud.ts";

/**
 * Has the image of the test cloud built while other labs are tested, as building it is waiting for the most part. A run of
 * files that were named builds what these need.
 */
export default function buildAhead(): (() => Promise<void>) | undefined {
  if (process.argv.some((word) => word.includes(".test."))) return undefined;
  const building = buildCloudImage().catch((error: unknown) => {
    process.stderr.write(`the image of the test cloud could not be built ahead: ${messageOf(error)}\n`);
  });
  return () => building;
}
