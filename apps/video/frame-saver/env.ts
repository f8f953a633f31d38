import { appVariables, kafkaVariables } from "../../common/app.ts";
import { choice, defineEnv } from "../../common/env.ts";
import { fileVariables } from "../files/env.ts";

/**
 * When frames are forced onto the disk: `each` by itself; the whole `batch` before its offsets are committed; `none`,
 * which leaves it to the operating system, so that a crash of the machine can lose frames that are committed.
 */
export const fsyncPolicies = ["each", "batch", "none"] as const;
export type FsyncPolicy = (typeof fsyncPolicies)[number];

/** Environment of the frame saver. */
export const frameSaverEnv = defineEnv({
  ...appVariables,
  ...kafkaVariables,
  ...fileVariables,
  FSYNC: choice(fsyncPolicies).default("batch"),
});
