import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-ports.ts";
import { startServer, type TestServer } from "./server.ts";

const image = join(import.meta.dirname, "../../../images/mosquitto");

/** Mosquitto as the lab's own image runs it, on this machine's loopback address. */
export interface TestMosquitto extends TestServer {
  readonly host: string;
  readonly port: number;
  /** Of every user. */
  readonly password: string;
}

/** @param acl what each user may do, by its name, as Mosquitto's `acl_file` has it */
export async function startMosquitto(
  acl: Readonly<Record<string, readonly string[]>>,
): Promise<TestMosquitto> {
  const [host, port, password] = ["127.0.0.1", await freePort(), "test-password"];
  const blocks = Object.entries(acl).map(([user, lines]) => [`user ${user}`, ...lines].join("\n"));
  const server = await startServer({
    name: "mosquitto",
    entrypoint: join(image, "entrypoint"),
    healthy: join(image, "healthy"),
    env: (folder) => ({
      MQTT_LISTEN: `${host}:${port}`,
      MQTT_ACL: blocks.join("\n\n"),
      MQTT_SECRETS: join(folder, "secrets"),
      MQTT_RUN: join(folder, "run"),
      MQTT_DATA: join(folder, "data"),
    }),
    prepare: async (folder) => {
      await mkdir(join(folder, "secrets"));
      await mkdir(join(folder, "data"));
      for (const user of Object.keys(acl)) await writeFile(join(folder, "secrets", `mqtt-${user}`), password);
    },
  });
  return { ...server, host, port, password };
}
