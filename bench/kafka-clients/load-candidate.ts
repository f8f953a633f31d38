import type { Candidate, CandidateName } from "./candidate.ts";

/** A client by its name, with its package loaded only then. */
export async function loadCandidate(name: CandidateName): Promise<Candidate> {
  switch (name) {
    case "kafkajs":
      return (await import("./kafkajs.ts")).kafkajsCandidate;
    case "platformatic":
      return (await import("./platformatic.ts")).platformaticCandidate;
    case "confluent":
      return (await import("./confluent.ts")).confluentCandidate();
  }
}
