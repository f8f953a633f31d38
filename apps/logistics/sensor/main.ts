import { runApp } from "../../common/app.ts";
import { createMqttPublisher } from "../../common/mqtt.ts";
import { mqttTopic } from "../contract.ts";
import { sensorEnv } from "./env.ts";
import { replay } from "./run.ts";

await runApp({
  name: "logistics-sensor",
  env: sensorEnv,
  healthParts: ["mqtt"],
  start: ({ env, log, metrics, health, shutdown }) => {
    const { signal } = shutdown;
    const sent = metrics.counter("logistics_lines_sent_total", "Lines that the MQTT broker has.");
    const skipped = metrics.counter("logistics_lines_skipped_total", "Lines that were passed over.", [
      "reason",
    ]);
    const publisher = createMqttPublisher({
      host: env.MQTT_HOST,
      port: env.MQTT_PORT,
      user: env.MQTT_USER,
      password: env.MQTT_PASSWORD_FILE,
      clientId: env.SENSOR_ID,
      log,
      onState: health.reporter("mqtt"),
      signal,
    });
    shutdown.add("mqtt", () => publisher.close());
    const topic = mqttTopic(env.MQTT_TOPIC_NAME, env.SENSOR_ID);
    return async () => {
      await replay({
        sensor: env.SENSOR_ID,
        file: env.CSV_FILE,
        format: {
          delimiter: env.CSV_DELIMITER,
          header: env.CSV_HEADER,
          timeColumn: env.CSV_TIME_COLUMN,
        },
        timing: env.TIMES,
        speed: env.SPEED,
        loop: env.LOOP,
        publish: async (payload) => {
          await publisher.publish(topic, payload);
          sent.inc();
        },
        onSkipped: (reason) => skipped.inc({ reason }),
        log,
        signal,
        now: Date.now,
      });
      log.info("the file was sent once, and does not begin again");
    };
  },
});
