/** Number of the OUTSIDE listener within a broker's container. */
export const outsidePort = 29_092;

/** The nodes that form the KRaft quorum: the first one, three or five, since an even number adds no safety. */
export function controllerCount(brokers: number): number {
  return brokers >= 5 ? 5 : brokers >= 3 ? 3 : 1;
}
