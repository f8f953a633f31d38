import { arrivalKinds } from "../../../apps/classification/contract.ts";
import { choice, decimal, flag, folder, integer } from "../../config/kinds.ts";
import { port, retention } from "../../config/schema.ts";

/** Keys of the pipeline; how many producers there are is the core's `producers`. */
export const keys = {
  enabled: flag(true, "Run the classification pipeline"),
  devices: integer({ min: 1, max: 10_000 }, 8, "Simulated devices of a producer"),
  rate: decimal(
    { min: 0.1, max: 5000 },
    10,
    "Images a second that a producer sends, all its devices together",
  ),
  arrivals: choice(arrivalKinds, "fixed", "Whether images come at equal intervals or at random (Poisson)"),
  classifiers: integer({ min: 1, max: 32 }, 1, "Classifier workers; at most classification.partitions"),
  partitions: integer({ min: 1, max: 128 }, 6, "Partitions of the images topic and of its results"),
  retentionHours: integer({ min: 1, max: 8760 }, 24, "Hours for which a message is kept"),
  retentionMB: integer(retention, 256, "MB kept of one partition, whatever its age"),
  keepHours: integer({ min: 1, max: 168 }, 6, "Hours for which PostgreSQL keeps images and their results"),
  classifierPort: integer(port, 8500, "Published port of classifier 1; classifier i has this + i - 1"),
  producerPort: integer(port, 9601, "Published port of producer 1; producer i has this + i - 1"),
  recorderPort: integer(port, 8700, "Published port of the recorder"),
  maxBatch: integer({ min: 1, max: 256 }, 32, "Images that a classifier takes at once when more are waiting"),
  classifierMemoryMB: integer(
    { min: 256, max: 65_536 },
    768,
    "Memory limit of a classifier in MB; a larger model needs more",
  ),
  classifierCpus: decimal(
    { min: 0, max: 256 },
    0,
    "Processor cores that a classifier may use; 0 means no limit",
  ),
  model: folder("Folder with an ONNX model and its card.json"),
  dataset: folder("Folder with a data set in CIFAR-100's binary format, or its archive"),
  resultTimeoutMs: integer({ min: 100, max: 600_000 }, 10_000, "After this many ms a result counts as lost"),
};
