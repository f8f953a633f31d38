interface Retained {
  readonly urn?: string;
  readonly type: string;
  readonly outputs?: { readonly name?: unknown };
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
  const { state: changed, retained } = retain(state, ({ type }) => type === "docker:index/volume:Volume");
  return { state: changed, volumes: retained.length };
}

/**
 * The same, in which nothing is undone that `hosts.commands` did on these hosts: they could not be asked, and the
 * destroying would fail.
 */
export function leaveCommands(state: string, hosts: readonly string[]): { state: string; left: string[] } {
  const { state: changed, retained } = retain(
    state,
    (resource) =>
      resource.type === "command:remote:Command" &&
      hosts.some((host) => nameOf(resource).startsWith(`${host}:`)),
  );
  const undone = retained.map(nameOf).filter((name) => name.endsWith(":undo"));
  return { state: changed, left: undone.map((name) => name.replace(/:undo$/, "")) };
}

/**
 * The state, in which nothing is removed by these names: the docker provider goes by the name of a volume or an image,
 * whosever that is by now.
 */
export function leaveNames(state: string, names: readonly string[]): string {
  const isNamed = ({ type, outputs }: Retained) =>
    type.startsWith("docker:index/") && names.includes(String(outputs?.name));
  return names.length === 0 ? state : retain(state, isNamed).state;
}

/** Marks resources of a state as those that destroying leaves alone. */
function retain(state: string, which: (resource: Retained) => boolean) {
  const parsed = JSON.parse(state) as Deployment;
  const retained = (parsed.deployment?.resources ?? []).filter(which);
  for (const resource of retained) resource.retainOnDelete = true;
  return { state: JSON.stringify(parsed), retained };
}

function nameOf({ urn = "" }: Retained): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
