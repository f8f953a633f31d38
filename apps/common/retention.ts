import type { AppContext } from "./app.ts";
import { messageOf } from "./errors.ts";

/** How often it is looked for what is not kept any more, ms. */
const dropEveryMs = 600_000;

/**
 * Drops what is not kept any more, now and every ten minutes until the app ends. A failure shows in `/healthz` until it
 * goes well again.
 *
 * @param dropOld returns how many partitions it dropped
 */
export async function keepDropping(
  { log, health, shutdown }: Pick<AppContext<unknown>, "log" | "health" | "shutdown">,
  dropOld: () => Promise<number>,
): Promise<void> {
  const drop = async (): Promise<void> => {
    try {
      const partitions = await dropOld();
      if (partitions > 0) log.info({ partitions }, "dropped what is not kept any more");
      health.ok("retention");
    } catch (err) {
      health.fail("retention", messageOf(err));
      log.warn({ err }, "what is not kept any more could not be dropped; it is tried again later");
    }
  };
  await drop();
  const dropping = setInterval(() => void drop(), dropEveryMs);
  shutdown.add("retention", async () => clearInterval(dropping));
}
