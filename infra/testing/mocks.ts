import * as pulumi from "@pulumi/pulumi";

/** One resource that the program under test declared, with the inputs it gave. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What each known type answers beyond its inputs; a type that is not here makes the test fail. */
const known: Record<string, (name: string, inputs: Record<string, unknown>) => Record<string, unknown>> = {
  "pulumi:providers:docker": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/remoteImage:RemoteImage": (name) => ({ imageId: `sha256:${name}` }),
  "docker:index/container:Container": () => ({}),
  "lab:docker:ImageCopy": () => ({}),
  "lab:host:Machine": (name, { connection }) => ({ pinned: connection, machineId: `id-of-${name}` }),
  "lab:index:Folder": () => ({}),
  "lab:index:GeneratedSecret": (name) => ({ result: `generated-${name}` }),
  "lab:kafka:ClusterIdentity": () => ({ clusterId: "the-cluster" }),
  "lab:kafka:Topic": () => ({}),
};

/**
 * Puts recording mocks in place of Pulumi's engine for project `edgelab`, stack `unit`. Every custom resource
 * declared afterwards is recorded; one of an unknown type, and every function call, throws.
 *
 * @returns the record, which fills as the program runs
 */
export async function recordResources(): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (custom === false) return { id: "", state: inputs };
        const answer = known[type];
        if (answer === undefined) throw new Error(`the program declared ${name} of unknown type ${type}`);
        recorded.push({ type, name, inputs });
        return { id: `${name}-id`, state: { ...inputs, ...answer(name, inputs) } };
      },
      call: ({ token }) => {
        throw new Error(`the program called unknown function ${token}`);
      },
    },
    "edgelab",
    "unit",
    false,
  );
  // Hooks belong to deployments; Pulumi's mocks leave whoever registers one without an answer.
  Object.assign(pulumi.runtime.getMonitor() ?? {}, {
    registerResourceHook: (_request: unknown, done: (error: null) => void) => done(null),
  });
  return recorded;
}

/** The value of an output, once it is known. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
