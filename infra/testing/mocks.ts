import { setTimeout as after } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { type Lab, labOf } from "../lab.ts";
import { LabIdentity } from "../resources/lab-identity.ts";

/** One resource that the program under test declared, with the inputs it gave. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What each known type answers beyond its inputs; a type that is not here makes the test fail. */
const known: Record<string, (name: string, inputs: Record<string, unknown>) => Record<string, unknown>> = {
  "command:local:Command": () => ({ stdout: "", stderr: "" }),
  "command:remote:Command": () => ({ stdout: "", stderr: "" }),
  "pulumi:providers:docker": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/remoteImage:RemoteImage": (name) => ({ imageId: `sha256:${name}` }),
  "docker:index/container:Container": () => ({}),
  "lab:docker:ImageCopy": () => ({}),
  "lab:host:Machine": (name, { connection }) => ({ pinned: connection, machineId: `id-of-${name}` }),
  "lab:index:Folder": () => ({}),
  "lab:index:LabIdentity": () => ({ checkout: "somebody@here:/edgelab" }),
  "lab:index:GeneratedSecret": (name) => ({ result: `generated-${name}` }),
  "lab:kafka:ClusterIdentity": (_name, { first = [] }) => ({
    clusterId: "the-cluster",
    firstVoters: (first as string[]).map((controller) => `${controller}:its-folder`).join(","),
  }),
  "lab:kafka:Quorum": () => ({ voters: [] }),
  "lab:kafka:Spread": () => ({ moving: false }),
  "lab:kafka:Topic": () => ({}),
  "lab:kafka:TopicKeeper": () => ({}),
  "lab:kafka:Turn": () => ({}),
  "lab:openstack:Sweep": () => ({}),
  "openstack:blockstorage/volume:Volume": () => ({}),
  "openstack:compute/instance:Instance": () => ({}),
  "openstack:compute/keypair:Keypair": () => ({}),
  "openstack:compute/serverGroup:ServerGroup": () => ({}),
  "openstack:networking/floatingIp:FloatingIp": () => ({ address: "203.0.113.99" }),
  "openstack:networking/floatingIpAssociate:FloatingIpAssociate": () => ({}),
  "openstack:networking/network:Network": () => ({}),
  "openstack:networking/port:Port": () => ({}),
  "openstack:networking/router:Router": () => ({}),
  "openstack:networking/routerInterface:RouterInterface": () => ({}),
  "openstack:networking/secGroup:SecGroup": () => ({}),
  "openstack:networking/secGroupRule:SecGroupRule": () => ({}),
  "openstack:networking/subnet:Subnet": () => ({}),
};

/** Id of the lab `unit`. */
export const unitId = "edgelab-unit-1234";

/** The lab that is declared on mocks, once they are there. */
export function unitLab(): Lab {
  return labOf("edgelab", "unit", new LabIdentity("lab", { project: "edgelab", stack: "unit" }));
}

/** What each known function answers; a call of another one makes the test fail. */
const functions: Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>> = {
  "lab:kafka:rollOrder": ({ groups }) => ({
    stages: (groups as { name: string }[][]).map((nodes) => nodes.map(({ name }) => name)),
  }),
  "openstack:compute/getFlavor:getFlavor": () => ({ ram: 4096, disk: 40, vcpus: 2 }),
  "openstack:networking/getNetwork:getNetwork": ({ name }) => ({ id: `id-of-${name}` }),
  "openstack:images/getImage:getImage": ({ name }) => ({ id: `id-of-${name}` }),
};

/** Types that take their time to be made, so that what does not wait for them is recorded before them. */
const slow: ReadonlySet<string> = new Set(["command:local:Command", "command:remote:Command"]);
const slowMs = 5;

/**
 * Puts recording mocks in place of Pulumi's engine for project `edgelab`, stack `unit`. Every custom resource
 * declared afterwards is recorded; one of an unknown type, and a call of an unknown function, throws.
 *
 * @returns the record, which fills as the program runs
 */
export async function recordResources(): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs, custom }) => {
        if (custom === false) return { id: "", state: inputs };
        const answer = known[type];
        if (answer === undefined) throw new Error(`the program declared ${name} of unknown type ${type}`);
        if (slow.has(type)) await after(slowMs);
        recorded.push({ type, name, inputs });
        const id = type === "lab:index:LabIdentity" ? unitId : `${name}-id`;
        return { id, state: { ...inputs, ...answer(name, inputs) } };
      },
      call: ({ token, inputs }) => {
        const answer = functions[token];
        if (answer === undefined) throw new Error(`the program called unknown function ${token}`);
        return answer(inputs);
      },
    },
    "edgelab",
    "unit",
    false,
  );
  // Hooks belong to deployments; Pulumi's mocks leave whoever registers one without an answer.
  Object.assign(pulumi.runtime.getMonitor() ?? {}, {
    registerResourceHook: (_request: unknown, done: (error: null) => void) => done(null),
    registerErrorHook: (_request: unknown, done: (error: null) => void) => done(null),
  });
  return recorded;
}

/** The value of an output, once it is known. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
