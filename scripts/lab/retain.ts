interface Deployment {
  deployment?: null | { resources?: { type: string; retainOnDelete?: boolean }[] };
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
