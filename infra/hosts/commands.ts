import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CommandPlan } from "../plan/commands.ts";
import { commandConnection } from "./command-connection.ts";
import { commandScript, secretLines } from "./command-script.ts";

/** A machine that commands are run on. */
export interface CommandedMachine {
  readonly name: string;
  /** What must be there before anything is done to it. */
  readonly after: readonly pulumi.Resource[];
  /** How to log in to it; undefined where it is this machine. */
  readonly login?: {
    readonly connection: pulumi.Output<Connection>;
    /** Another one means that nothing of before is on it. */
    readonly machineId: pulumi.Output<string>;
  };
}

export interface HostCommandsArgs {
  /** In the order in which they are run: each on all its machines before the next one on any. */
  commands: readonly CommandPlan[];
  machines: readonly CommandedMachine[];
}

type Texts = Pick<CommandPlan, "create" | "update"> | Pick<CommandPlan, "delete">;

/** Runs commands on machines, and says what else on each of them has to wait for. */
export function hostCommands(
  name: string,
  args: HostCommandsArgs,
  opts: pulumi.ComponentResourceOptions,
): (machine: string) => readonly pulumi.Resource[] {
  if (args.commands.length === 0) return () => [];
  const commands = new HostCommands(name, args, opts);
  return (machine) => commands.on(machine);
}

/**
 * The user's own commands on machines (a driver, an NFS mount, a kernel setting): run one after the other, and undone in
 * reverse order.
 *
 * What undoes a command is a resource of its own. A machine that was set up anew makes a command run there again, and a
 * replaced resource would have its old self undone: on a machine that is no more, or on the new one, after the fact.
 */
class HostCommands extends pulumi.ComponentResource {
  readonly #byMachine = new Map<string, pulumi.Resource[]>();

  constructor(
    name: string,
    { commands, machines }: HostCommandsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("edgelab:hosts:Commands", name, {}, opts);
    let before: pulumi.Resource[] = [];
    for (const each of commands) {
      const on = machines.filter((machine) => each.on.includes(machine.name));
      before = on.flatMap((machine) => this.#run(each, machine, before));
    }
    this.registerOutputs({});
  }

  /** What everything else on a machine has to wait for. */
  on(machine: string): readonly pulumi.Resource[] {
    return this.#byMachine.get(machine) ?? [];
  }

  /** @returns what must be there before the next command */
  #run(each: CommandPlan, machine: CommandedMachine, before: readonly pulumi.Resource[]): pulumi.Resource[] {
    const name = `${machine.name}:${each.name}`;
    const { create, update } = each;
    const texts = { create, ...(update === undefined ? {} : { update }) };
    const done = this.#command(name, texts, each, machine, before);
    const undo =
      each.delete === undefined
        ? []
        : [this.#command(`${name}:undo`, { delete: each.delete }, each, machine, [done])];
    const all = [done, ...undo];
    this.#byMachine.set(machine.name, [...this.on(machine.name), ...all]);
    return all;
  }

  #command(
    name: string,
    texts: Texts,
    { secrets }: CommandPlan,
    { login, ...machine }: CommandedMachine,
    after: readonly pulumi.Resource[],
  ): pulumi.Resource {
    const hasSecrets = Object.keys(secrets).length > 0;
    const inputs = {
      ...Object.fromEntries(
        Object.entries(texts).flatMap(([when, text]: [string, string | undefined]) =>
          text === undefined ? [] : [[when, commandScript(text, secrets)]],
        ),
      ),
      ...(hasSecrets ? { stdin: pulumi.secret(secretLines(secrets)), logging: "none" as const } : {}),
      // sshd would have to be told to take it.
      addPreviousOutputInEnv: false,
    };
    const options: pulumi.CustomResourceOptions = {
      parent: this,
      dependsOn: [...machine.after, ...after],
      additionalSecretOutputs: ["stdout", "stderr"],
    };
    if (login === undefined) return new command.local.Command(name, inputs, options);
    const connection = pulumi.secret(login.connection.apply(commandConnection));
    // The undoing of a command is to follow a machine that is set up anew, not to be done for it.
    const triggers = "create" in texts ? { triggers: [login.machineId] } : {};
    return new command.remote.Command(name, { ...inputs, ...triggers, connection }, options);
  }
}
