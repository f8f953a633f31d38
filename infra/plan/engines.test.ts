import { describe, expect, it } from "vitest";
import type { Found } from "../config/found.ts";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { problemsOf } from "../testing/problems.ts";
import { networksOf } from "./networks.ts";

const on = { "classification.enabled": "false", "logistics.enabled": "true" };
const nothing: Found = { pulled: new Set() };
const images: Found = { pulled: new Set(["mongodb", "kafka-ui"]) };
/** A lab that is there, with its documents in an engine. */
const placed = new Map([["documents", "local"]]);

const plan = (
  config: Record<string, string>,
  found: Found,
  before: ReadonlyMap<string, string> = new Map(),
) => planLab(parseConfig({ ...on, ...config }, { before, found }), before, found);
const engine = (...given: Parameters<typeof plan>) => {
  const { documentEngine, services } = plan(...given);
  const image = services.find(({ name }) => name === "documents")?.image.name;
  expect(image).toBe(documentEngine === "mongodb" ? "mongodb" : "documents");
  return documentEngine;
};
const refusal = (...given: Parameters<typeof plan>) => problemsOf(() => plan(...given));

describe("the engine of documents", () => {
  it("is MongoDB where its image could be pulled, and else FerretDB", () => {
    expect(engine({}, images)).toBe("mongodb");
    expect(engine({}, nothing)).toBe("ferretdb");
    expect(engine({ "documents.engine": "ferretdb" }, images)).toBe("ferretdb");
  });

  it("stays what the lab's data are in, though an image comes", () => {
    expect(engine({}, { ...images, documents: "ferretdb" }, placed)).toBe("ferretdb");
    expect(engine({}, { ...images, documents: "mongodb" }, placed)).toBe("mongodb");
  });

  it("is another one only when the data are given up", () => {
    const found: Found = { ...images, documents: "ferretdb" };
    const other = { "documents.engine": "mongodb" };
    const text = refusal(other, found, placed);
    expect(text).toContain("would leave behind the documents that the lab has in FerretDB");
    expect(text).toMatch(/fix: .*documents\.engine ferretdb/);
    expect(text).toMatch(/or: .*discardData '\["documents@local"\]'/);
    expect(engine({ ...other, discardData: "[documents@local]" }, found, placed)).toBe("mongodb");
  });

  it("is refused where its image is not there, with what gets it", () => {
    expect(refusal({ "documents.engine": "mongodb" }, nothing)).toMatch(
      /MongoDB's image, which this machine does not have: get it \(.*\.\/scripts\/setup[\s\S]*fix: .*documents\.engine auto/,
    );
  });

  it("is not changed behind the back of a lab whose image is gone", () => {
    const found: Found = { ...nothing, documents: "mongodb" };
    const text = refusal({}, found, placed);
    expect(text).toMatch(/the documents that the lab has in it/);
    expect(text).toMatch(/fix: .*discardData/);
    expect(engine({ discardData: "[documents@local]" }, found, placed)).toBe("ferretdb");
  });

  it("has the memory that MongoDB needs", () => {
    const little = { "documents.memoryMB": "256" };
    expect(refusal(little, images)).toMatch(/documents\.memoryMB is 256: it must be at least 512/);
    expect(engine(little, nothing)).toBe("ferretdb");
  });

  it("matters to no lab without documents", () => {
    const config = { "logistics.enabled": "false", "documents.engine": "mongodb" };
    expect(refusal({ ...config, "classification.enabled": "true" }, nothing)).toBe("");
  });
});

describe("mongo-express", () => {
  it("comes with a document store, on its network and no other store's", () => {
    const { services } = plan({}, nothing);
    const service = services.find(({ name }) => name === "mongo-express");
    expect(service?.memory).toMatchObject({ MB: 192, key: "documents.uiMemoryMB" });
    expect(service?.listeners).toMatchObject([{ published: { port: 8081, key: "documents.uiPort" } }]);
    expect(service && networksOf(service, services)).toEqual(["network", "documents-network"]);
  });

  it.each([{ "documents.ui": "false" }, { "logistics.enabled": "false", "classification.enabled": "true" }])(
    "is not there with %j",
    (config) => {
      expect(plan(config, nothing).services.map(({ name }) => name)).not.toContain("mongo-express");
    },
  );
});

describe("Kafka UI", () => {
  const kafkaUi = (config: Record<string, string>, found: Found) =>
    plan(config, found).services.find(({ name }) => name === "kafka-ui");

  it("is there where its image could be pulled, or is asked for", () => {
    expect(kafkaUi({}, images)?.image).toMatchObject({ name: "kafka-ui", pulled: true });
    expect(kafkaUi({}, nothing)).toBeUndefined();
    expect(kafkaUi({ "kafka.ui": "off" }, images)).toBeUndefined();
  });

  it("is refused where it is asked for and cannot be had", () => {
    expect(refusal({ "kafka.ui": "on" }, nothing)).toMatch(
      /kafka\.ui is on: it needs Kafka UI's image[\s\S]*fix: .*kafka\.ui auto/,
    );
  });

  it("reaches the brokers of every host, as what it uses says", () => {
    const hosts = [1, 2, 3].map((n) => ({ name: `m${n}`, address: `10.0.0.${n}` }));
    const config = {
      target: "ssh",
      "ssh.hosts": JSON.stringify(hosts),
      placement:
        "{broker: [m1, m2], kafka-ui: m3, documents: m1, mqtt: m1, bridge: m1, analyser: m1, sensor: m1, mongo-express: m1}",
    };
    const { peers } = plan(config, images);
    const brokers = peers.filter(({ host, port }) => host === "m2" && port === 9092);
    expect(brokers.map(({ from }) => from)).toEqual([["m1", "m3"]]);
  });

  it("has the brokers and a password from a file in its environment, and no password", () => {
    const env = kafkaUi({ "kafka.uiUser": "me" }, images)?.plan?.env({
      bootstrapServers: ["a:9092", "b:9092"],
      http: { HTTP_HOST: "0.0.0.0", HTTP_PORT: 8080 },
      postgres: never,
      documents: never,
      mqtt: never,
      peer: never,
      secret: (name) => `/run/secrets/${name}`,
    });
    expect(env).toMatchObject({
      SPRING_CONFIG_IMPORT: "configtree:/run/secrets/",
      SPRING_SECURITY_USER_NAME: "me",
      KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS: "a:9092,b:9092",
      SERVER_PORT: "8080",
    });
    expect(Object.keys(env ?? {}).filter((name) => /PASSWORD/.test(name))).toEqual([]);
  });
});

const never = (): never => {
  throw new Error("it does not use it");
};
