import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const name = config.require("name");
const labels = [{ label: "edgelab.stack", value: name }];
const provider = new docker.Provider("docker", {
  host: process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock",
});
const network = new docker.Network(
  "network",
  { name: `${name}-network`, driver: "bridge", labels },
  { provider },
);
const volume = new docker.Volume("volume", { name: `${name}-volume`, labels }, { provider });
const key = config.get("key") ?? "1";
// Of a name of its own each: a replaced image is removed by its name.
const tag = `${name}/image:${key}`;
const image = new docker.RemoteImage(
  "image",
  {
    name: tag,
    build: {
      context: "image",
      dockerfile: "image/Dockerfile",
      buildArgs: { BASE: config.require("base") },
      tags: [tag],
      useLegacyBuilder: true,
    },
    triggers: { key },
  },
  { provider },
);

const ready =
  'trap "exit 0" TERM; test -s /run/secrets/upload && touch /tmp/ready; while :; do sleep 0.2; done';
const port = config.getNumber("port");
const memory = config.getNumber("memory") ?? 64;
const container = new docker.Container(
  "container",
  {
    name: `${name}-container`,
    image: image.imageId,
    command: ["sh", "-c", config.get("command") ?? ready],
    envs: [pulumi.interpolate`SECRET=${config.requireSecret("env")}`],
    uploads: [{ file: "/run/secrets/upload", content: config.requireSecret("upload"), permissions: "0444" }],
    user: "10001",
    init: true,
    networkMode: "bridge",
    networksAdvanced: [{ name: network.name }],
    ports: port === undefined ? [] : [{ internal: 80, external: port, ip: "127.0.0.1", protocol: "tcp" }],
    volumes: [{ volumeName: volume.name, containerPath: "/data" }],
    healthcheck: {
      tests: ["CMD", "test", "-f", "/tmp/ready"],
      interval: config.get("interval") ?? "1s",
      timeout: "2s",
      retries: 3,
    },
    wait: true,
    waitTimeout: 30,
    memory,
    memorySwap: memory,
    restart: "unless-stopped",
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    logDriver: "json-file",
    logOpts: { "max-size": "1m" },
    destroyGraceSeconds: 2,
    labels,
    ...(config.getBoolean("extra") === true ? { gpus: "all" } : {}),
  },
  { provider, deleteBeforeReplace: true },
);

export const containerId = container.id;
