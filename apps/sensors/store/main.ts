import { fileURLToPath } from "node:url";
import { runApp } from "../../common/app.ts";
import type { KafkaMessage } from "../../common/kafka.ts";
import { recordBatch, recorderMetrics } from "../../common/record.ts";
import { openRecorder, postgresPart } from "../../common/recorder.ts";
import { keepDropping } from "../../common/retention.ts";
import { parseReading } from "../reading.ts";
import { storeEnv } from "./env.ts";
import { alertRow } from "./rows.ts";
import { SensorStore, schema } from "./store.ts";

const name = "sensors-store";
const migrations = fileURLToPath(new URL("./migrations", import.meta.url));

/** The more readings of a device come together, the fewer times its minute and its hour are written. */
const gathered = { minBytes: 1024 * 1024, maxWaitMs: 2000 } as const;

await runApp({
  name,
  env: storeEnv,
  healthParts: [postgresPart, "readings", "alerts"],
  start: (context) => {
    const { env, metrics } = context;
    const { postgres, record } = openRecorder(context, { name, migrations, schema });
    const store = new SensorStore(postgres, {
      readings: env.KEEP_DAYS,
      minutes: env.KEEP_MINUTES_DAYS,
      hours: env.KEEP_HOURS_DAYS,
    });
    const meters = recorderMetrics(metrics);
    const aheadMs = env.MAX_AHEAD_SEC * 1000;
    const toReading = ({ value }: KafkaMessage) =>
      parseReading(value, { nowMs: Date.now(), lateMs: store.keptMs, aheadMs });
    const toAlert = (message: KafkaMessage) => alertRow(message, Date.now() - store.keptMs);
    const readings = recordBatch("readings", toReading, (rows) => store.addReadings(rows), meters);
    const alerts = recordBatch("alerts", toAlert, (rows) => store.addAlerts(rows), meters);
    const refused = metrics.counter(
      "sensors_store_refused_total",
      "Messages that are no readings; the alerter, which reads the same topic, sends their dead letters.",
    );
    const readingsOnce = async (messages: readonly KafkaMessage[]) => {
      refused.inc((await readings(messages)).length);
      return [];
    };

    return async () => {
      const group = env.KAFKA_CONSUMER_GROUP_ID;
      await record([
        { part: "readings", topic: env.KAFKA_TOPIC_NAME, groupId: group, onBatch: readingsOnce, ...gathered },
        { part: "alerts", topic: env.ALERTS_TOPIC_NAME, groupId: `${group}-alerts`, onBatch: alerts },
      ]);
      await keepDropping(context, () => store.dropOld(Date.now()));
    };
  },
});
