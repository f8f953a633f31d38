import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config.ts";
import { LocalHosts } from "./hosts/local.ts";
import { LabImages } from "./images.ts";
import { Cluster } from "./kafka/cluster.ts";
import { labOf } from "./lab.ts";
import { Grayscale } from "./pipelines/grayscale.ts";
import { Images } from "./pipelines/images.ts";
import { Video } from "./pipelines/video.ts";
import { Postgres } from "./stores/postgres.ts";

const config = loadConfig();
const lab = labOf(pulumi.getProject(), pulumi.getStack());
const root = join(import.meta.dirname, "..");

const { hosts } = new LocalHosts("local", { lab, cidr: config.network.cidr });
const [host] = hosts;
const images = new LabImages("images", { lab, host, config, root });

const kafka = new Cluster("kafka", { lab, host, image: images.kafka, config });
const postgres = new Postgres("postgres", { lab, host, image: images.postgres, config });

const classification = config.images.enabled
  ? new Images("images", { lab, host, config, images, cluster: kafka, postgres })
  : undefined;

const cameras =
  images.video === undefined
    ? undefined
    : new Video("video", { lab, host, config, images: images.video, cluster: kafka, root });
const grayscale =
  images.grayscale === undefined
    ? undefined
    : new Grayscale("grayscale", { lab, host, config, images: images.grayscale, cluster: kafka, root });

export const bootstrapServers = kafka.outsideServers.join(",");
export const postgresUrl = postgres.url;
export const classifierUrls = classification?.classifierUrls ?? [];
export const classifierUrl = classifierUrls[0];
export const topics = [classification, cameras, grayscale].flatMap((pipeline) => pipeline?.topics ?? []);
export const producers = classification === undefined ? 0 : config.producers;
export const producerUrls = classification?.producerUrls ?? [];
export const videoProducerUrl = cameras?.producerUrl;
export const cameraUrl = cameras?.cameraUrl;
export const grayscaleFolder = grayscale?.outputFolder;
export { hostTable as hosts };

const hostTable = hosts.map(({ name, operatorAddress }) => ({ name, address: operatorAddress }));
