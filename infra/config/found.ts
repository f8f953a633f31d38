/** Programs that can be the document store; the same driver speaks to each. */
export const documentEngines = ["mongodb", "ferretdb"] as const;
export type DocumentEngine = (typeof documentEngines)[number];

/** Images that can only be had where a registry answers, by the folder in `images/` of what is built on each. */
export const pulledImages = ["mongodb", "kafka-ui"] as const;
export type PulledImage = (typeof pulledImages)[number];

/** What there is beside a lab's config: what set-up could get, and what the lab has chosen before. */
export interface Found {
  /** Of the images that can only be pulled those that this machine has. */
  readonly pulled: ReadonlySet<PulledImage>;
  /** What the documents of the lab are in so far; undefined for a lab that has none. */
  readonly documents?: DocumentEngine | undefined;
  /** The slot among their ports on their host that services have so far, by name; left out for a lab that has none yet. */
  readonly slots?: ReadonlyMap<string, number>;
}

/** What is known of a lab that was never up, behind a closed network. */
export const nothingFound: Found = { pulled: new Set() };
