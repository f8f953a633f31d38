import * as openstack from "@pulumi/openstack";
import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../../../apps/common/errors.ts";
import type { CoreConfig } from "../../config/schema.ts";
import type { Lab } from "../../lab.ts";
import { checkQuota } from "./quota.ts";

/** The cloud could not be asked at all, so that nothing is known of what the config names. */
class NotAsked extends pulumi.RunError {}

/**
 * Asks the cloud for all that config names, before the first resource: whatever hangs on a name that is wrong would say
 * so again, each in twenty lines of its own.
 *
 * @throws pulumi.RunError with every name that the cloud does not know, or why it cannot be asked, once
 */
export async function checkCloud(lab: Lab, { target, openstack: settings }: CoreConfig): Promise<void> {
  if (target !== "openstack") return;
  const asked = await Promise.allSettled([
    findNetwork(settings.externalNetwork),
    findImage(settings.image),
    findFlavor(lab, settings),
  ]);
  const reasons: unknown[] = asked.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  const [first] = reasons;
  if (first === undefined) return;
  const silent = reasons.find((reason) => reason instanceof NotAsked);
  throw silent ?? new pulumi.RunError(reasons.map(messageOf).join("\n"));
}

/** What was asked in this run of the program, and need not be asked again. */
const answers = new Map<string, Promise<unknown>>();

async function looked<T>(what: string, name: string, key: string, find: () => Promise<T>): Promise<T> {
  const question = `${what} ${name}`;
  const known = (answers.get(question) as Promise<T> | undefined) ?? find();
  answers.set(question, known);
  try {
    return await known;
  } catch (error) {
    const message = messageOf(error);
    if (
      !/returned no results|returned more than one|Unable to find|No suitable|not found|404/i.test(message)
    ) {
      throw new NotAsked(
        `the cloud cannot be asked for ${what} ${name}: ${lastLine(message)}\n` +
          "  fix: check that its API answers and that the credential is right: openstack --os-cloud <cloud> token issue",
      );
    }
    const stack = pulumi.getStack();
    throw new pulumi.RunError(
      `the cloud has no ${what} ${name} (${key}), or more than one\n` +
        `  fix: openstack ${listOf[what]} list, then ./scripts/pulumi config set ${key} NAME --stack ${stack}`,
    );
  }
}

const listOf: Readonly<Record<string, string>> = { image: "image", flavor: "flavor", network: "network" };

function lastLine(message: string): string {
  return message.trim().split("\n").at(-1)?.trim() ?? "";
}

/** The id of an external network. @throws pulumi.RunError when there is none of that name */
export function networkId(name: string): pulumi.Output<string> {
  return pulumi.output(findNetwork(name));
}

async function findNetwork(name: string): Promise<string> {
  const find = () => openstack.networking.getNetwork({ name, external: true });
  return (await looked("network", name, "openstack.externalNetwork", find)).id;
}

/** The name of an image, once it is known to be there. VMs refer to it by name: a newer build of it replaces none. */
export function checkImage(name: string): pulumi.Output<string> {
  return pulumi.output(findImage(name));
}

async function findImage(name: string): Promise<string> {
  await looked("image", name, "openstack.image", () => openstack.images.getImage({ name, mostRecent: true }));
  return name;
}

/**
 * The name of a flavor, once it is known to be there, to have what placement counts on, and to be within the project's
 * quota as often as it is wanted.
 */
export function checkFlavor(lab: Lab, settings: CoreConfig["openstack"]): pulumi.Output<string> {
  return pulumi.output(findFlavor(lab, settings));
}

async function findFlavor(
  lab: Lab,
  { flavor, memoryMB, diskGB, count }: CoreConfig["openstack"],
): Promise<string> {
  const find = () => openstack.compute.getFlavor({ name: flavor });
  const { ram = 0, disk = 0, vcpus = 0 } = await looked("flavor", flavor, "openstack.flavor", find);
  const lacking = [
    ...(ram < memoryMB ? [`openstack.memoryMB is ${memoryMB}, it has ${ram}`] : []),
    // Volumes and bare metal may leave the flavor's own disk at 0.
    ...(disk > 0 && disk < diskGB ? [`openstack.diskGB is ${diskGB}, it has ${disk}`] : []),
  ];
  if (lacking.length > 0) {
    throw new pulumi.RunError(
      `flavor ${flavor} is smaller than the config says (${lacking.join("; ")}): lower these, or choose another flavor`,
    );
  }
  await told(checkQuota(lab, { instances: count, cores: count * vcpus, memoryMB: count * ram }));
  return flavor;
}

/** A failure as a sentence, without the stack that Pulumi prints of other errors. */
async function told(check: Promise<void>): Promise<void> {
  try {
    await check;
  } catch (error) {
    if (error instanceof pulumi.RunError || !(error instanceof Error)) throw error;
    throw new pulumi.RunError(error.message);
  }
}
