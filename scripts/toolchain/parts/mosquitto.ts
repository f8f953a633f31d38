import { healthy, missing, type Part } from "../part.ts";
import { isExecutable } from "../run.ts";
import { installWithoutService } from "./services.ts";

const MOSQUITTO = "/usr/sbin/mosquitto";

/** The MQTT broker's program, which tests start for themselves; the lab has its own in an image. */
export const mosquittoPart: Part = {
  name: "mosquitto",
  needs: [],
  async find() {
    return (await isExecutable(MOSQUITTO)) ? healthy("installed", MOSQUITTO) : missing(`no ${MOSQUITTO}`);
  },
  get: (context) => installWithoutService(context, "mosquitto", ["mosquitto.service"]),
};
