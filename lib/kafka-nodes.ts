/** Kafka's id of the first controller that is no broker; brokers have those from 0, of which there are fewer. */
export const firstControllerId = 100;

/** Name of a broker's service. @param id from 0 */
export function brokerName(id: number): string {
  return `kafka-${id}`;
}

/** Name of the service of a controller that is no broker. @param number from 0 */
export function controllerName(number: number): string {
  return `kafka-controller-${number + 1}`;
}

/** Name of the service of a node by Kafka's id of it. */
export function nodeName(id: number): string {
  return id < firstControllerId ? brokerName(id) : controllerName(id - firstControllerId);
}
