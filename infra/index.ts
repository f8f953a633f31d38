import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/config.ts";
import { LabImages } from "./containers/images.ts";
import { labHosts } from "./hosts/hosts.ts";
import { Cluster } from "./kafka/cluster.ts";
import { labOf } from "./lab.ts";
import { forwardsByHost, hostTable } from "./outputs.ts";
import { Classification } from "./pipelines/classification/classification.ts";
import { Grayscale } from "./pipelines/grayscale/grayscale.ts";
import { Video } from "./pipelines/video/video.ts";
import { Postgres } from "./stores/postgres.ts";

const config = loadConfig();
const lab = labOf(pulumi.getProject(), pulumi.getStack());
const root = join(import.meta.dirname, "..");

const machines = labHosts(lab, config, root);
const images = new LabImages("images", { lab, builder: machines.builder, config, root });

const kafka = new Cluster("kafka", { lab, hosts: machines, image: images.kafka, config });
const postgres = new Postgres("postgres", { lab, hosts: machines, image: images.postgres, config });

const classification = config.classification.enabled
  ? new Classification("classification", { lab, hosts: machines, config, images, cluster: kafka, postgres })
  : undefined;
const cameras =
  images.video === undefined
    ? undefined
    : new Video("video", { lab, hosts: machines, config, images: images.video, cluster: kafka });
const grayscale =
  images.grayscale === undefined
    ? undefined
    : new Grayscale("grayscale", {
        lab,
        hosts: machines,
        config,
        images: images.grayscale,
        cluster: kafka,
        root,
      });

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
export const hosts = hostTable(config, machines);
export const forwards = forwardsByHost(machines);
