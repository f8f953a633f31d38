import { change } from "../../config/clash.ts";
import type { DocumentEngine } from "../../config/found.ts";
import { dataName } from "../data-names.ts";
import { keptEngine } from "../engines.ts";
import type { CoreClash, LabView, Rule } from "./rule.ts";

/** What people call an engine. */
const called: Readonly<Record<DocumentEngine, string>> = { ferretdb: "FerretDB", mongodb: "MongoDB" };

/** MB that MongoDB does with. */
export const leastMongodbMB = 512;

function hasDocuments({ plan }: LabView): boolean {
  return plan.services.some(({ name }) => name === "documents");
}

/** No engine reads the files of another: documents that there are stay with theirs, unless config gives them up. */
export const documentsKeepEngine: Rule = (lab) => {
  const { core, plan, before, found } = lab;
  const kept = keptEngine(core, before, found);
  if (!hasDocuments(lab) || kept === undefined || kept === plan.documentEngine) return [];
  const given = JSON.stringify([...core.discardData, dataName("documents", before.get("documents") ?? "")]);
  return [
    {
      key: "documents.engine",
      reason: `would leave behind the documents that the lab has in ${called[kept]}: keep that, or give them up`,
      changes: [change("documents.engine", kept), change("discardData", given)],
    } satisfies CoreClash,
  ];
};

/** MongoDB is run where its image could be pulled, and has the memory that it needs. */
export const mongodbCanRun: Rule = (lab) => {
  const { core, plan, before, found } = lab;
  if (!hasDocuments(lab) || plan.documentEngine !== "mongodb") return [];
  if (!found.pulled.has("mongodb"))
    return [imageIsMissing(lab, keptEngine(core, before, found) === "mongodb")];
  if (core.documents.memoryMB >= leastMongodbMB) return [];
  return [
    {
      key: "documents.memoryMB",
      reason: `must be at least ${leastMongodbMB}, which MongoDB needs`,
      changes: [change("documents.memoryMB", leastMongodbMB), change("documents.engine", "ferretdb")],
    } satisfies CoreClash,
  ];
};

function imageIsMissing({ core, before }: LabView, hasData: boolean): CoreClash {
  const how = "rm -f .edgelab/pulled/mongodb; ./scripts/setup   # where an image registry answers";
  if (!hasData) {
    const reason = `needs MongoDB's image, which this machine does not have: get it (${how}), or do without`;
    return { key: "documents.engine", reason, changes: [change("documents.engine", "auto")] };
  }
  const given = JSON.stringify([...core.discardData, dataName("documents", before.get("documents") ?? "")]);
  const reason =
    "needs MongoDB's image for the documents that the lab has in it, and this machine does not have it: " +
    `get it (${how}), or give these documents up`;
  return { key: "documents.engine", reason, changes: [change("discardData", given)] };
}

/** Kafka UI is asked for only where its image could be pulled. */
export const kafkaUiIsThere: Rule = ({ core, found }) => {
  if (core.kafka.ui !== "on" || found.pulled.has("kafka-ui")) return [];
  const reason =
    "needs Kafka UI's image, which this machine does not have: get it " +
    "(rm -f .edgelab/pulled/kafka-ui; ./scripts/setup   # where an image registry answers), or do without";
  return [{ key: "kafka.ui", reason, changes: [change("kafka.ui", "auto")] } satisfies CoreClash];
};
