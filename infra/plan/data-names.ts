/** How `discardData` names the data of a service on a host. */
export function dataName(service: string, host: string): string {
  return `${service}@${host}`;
}
