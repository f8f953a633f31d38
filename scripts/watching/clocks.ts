import { clockOffset } from "../../lib/ssh/clock.ts";
import type { LabEngine } from "../lab/access.ts";
import { clockRow, type Row } from "./rows.ts";

const answerMs = 10_000;

/** How far the clock of each other machine is from this one's. @throws SshError when one cannot be reached */
export function clockRows(engines: readonly LabEngine[]): Promise<Row[]> {
  const others = engines.flatMap(({ host, connection }) =>
    connection === undefined ? [] : [{ host, connection }],
  );
  return Promise.all(
    others.map(async ({ host, connection }) => {
      const { offsetMs } = await clockOffset(connection, { timeoutMs: answerMs });
      return clockRow(host, offsetMs);
    }),
  );
}
