import * as pulumi from "@pulumi/pulumi";
import { mqttPort } from "../../apps/common/mqtt-variables.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { LabPlan } from "../plan/lab.ts";
import { mqttAcl, mqttUsers } from "../plan/mqtt.ts";
import { GeneratedSecret } from "../resources/secret.ts";
import { placeStore, runStore, type StoreArgs } from "./store.ts";

export interface MqttArgs extends StoreArgs {
  config: Pick<CoreConfig, "mqtt" | "keepData">;
  plan: Pick<LabPlan, "ports" | "services">;
}

/** What clients inside the lab need, each with the password of its user. */
export interface MqttConnection {
  readonly host: string;
  readonly port: number;
  readonly passwords: ReadonlyMap<string, pulumi.Output<string>>;
}

/**
 * An MQTT broker whose users are the roles that use it and the operator, each with a generated password and what it may
 * do. Created when it lets a client in.
 */
export class Mqtt extends pulumi.ComponentResource {
  readonly connection: MqttConnection;
  /** URL for the operator's own clients; a secret, since it has the password in it. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: MqttArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:stores:Mqtt", name, {}, opts);
    const { user: owner, memoryMB } = args.config.mqtt;
    const users = mqttUsers(args.plan.services);
    const passwords = new Map(
      [owner, ...users.keys()].map((user) => {
        const secret = new GeneratedSecret(`${name}-password-${user}`, { bytes: 24 }, { parent: this });
        return [user, secret.result];
      }),
    );
    const place = placeStore(name, args, mqttPort);
    const { host, binding, published } = place;
    const service = runStore(
      name,
      args,
      place,
      {
        role: "mqtt",
        env: {
          MQTT_LISTEN: `${binding.listenAddress}:${binding.listenPort}`,
          MQTT_ACL: mqttAcl(users, owner),
        },
        secrets: Object.fromEntries([...passwords].map(([user, password]) => [`mqtt-${user}`, password])),
        memoryMB,
        data: "/var/lib/mosquitto",
        healthy: "/usr/local/bin/mosquitto-healthy",
      },
      this,
    );
    this.connection = { host: host.peerAddress(service.containerName), port: mqttPort, passwords };
    this.url = pulumi.secret(
      pulumi.interpolate`mqtt://${owner}:${passwords.get(owner)}@${host.operatorAddress}:${published}`,
    );
    this.registerOutputs({ url: this.url });
  }
}
