interface Retained {
  readonly urn?: string;
  readonly type: string;
  retainOnDelete?: boolean;
}

interface Deployment {
  deployment?: null | { resources?: Retained[] };
}

/**
 * A stack's exported state in which destroying leaves the volumes alone, as config `keepData` does, and how
 * many there are. The config file is not touched, so the choice holds for this one time.
 */
export function retainVolumes(state: string): { state: string; volumes: number } {
  const parsed = JSON.parse(state) as Deployment;
  const volumes = (parsed.deployment?.resources ?? []).filter(
    ({ type }) => type === "docker:index/volume:Volume",
  );
  for (const volume of volumes) volume.retainOnDelete = true;
  return { state: JSON.stringify(parsed), volumes: volumes.length };
}

/**
 * The same, in which nothing is undone that `hosts.commands` did on these hosts: they could not be asked, and the
 * destroying would fail.
 */
export function leaveCommands(state: string, hosts: readonly string[]): { state: string; left: string[] } {
  const parsed = JSON.parse(state) as Deployment;
  const nameOf = ({ urn = "" }: Retained) => urn.slice(urn.lastIndexOf("::") + 2);
  const left = (parsed.deployment?.resources ?? []).filter(
    (resource) =>
      resource.type === "command:remote:Command" &&
      hosts.some((host) => nameOf(resource).startsWith(`${host}:`)),
  );
  for (const command of left) command.retainOnDelete = true;
  const undone = left.map(nameOf).filter((name) => name.endsWith(":undo"));
  return { state: JSON.stringify(parsed), left: undone.map((name) => name.replace(/:undo$/, "")) };
}
