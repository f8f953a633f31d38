import { normalize } from "node:path";
import { change } from "../../config/clash.ts";
import type { LabPlan } from "../lab.ts";
import type { PlacedService } from "../services.ts";
import type { Rule } from "./rule.ts";

/** A name that something of the lab has among others of its kind. */
interface Name {
  /** What is called so, as people say it in the plural. */
  readonly kind: string;
  readonly name: string;
  /** The same where two share the name on purpose. */
  readonly owner: string;
  /** The key that the name comes from, where that is the user's. */
  readonly key: string | undefined;
}

/** Services, topics, consumer groups, volumes and folders of all pipelines: each name stands for one thing. */
export const namesAreDistinct: Rule = ({ plan }) => {
  const groups = Map.groupBy(namesOf(plan), ({ kind, name }) => `${kind} ${name}`);
  return [...groups.values()].flatMap((alike) => {
    const owners = [...new Set(alike.map(({ owner }) => owner))];
    const [first] = alike;
    if (first === undefined || owners.length < 2) return [];
    const key = alike.map((name) => name.key).find((found) => found !== undefined);
    if (key === undefined)
      throw new Error(`two ${first.kind} are called ${first.name}: ${owners.join(", ")}`);
    return [
      {
        key,
        reason: `would make two ${first.kind} of the name ${first.name} (${owners.join(", ")}); each needs a name of its own`,
        changes: [change(key, "")],
      },
    ];
  });
};

function namesOf({ services, topics }: LabPlan): Name[] {
  return [
    ...services.map(
      ({ name, namedBy }, index): Name => ({
        kind: "services",
        name,
        owner: `${services[index]?.role} ${index + 1}`,
        key: namedBy,
      }),
    ),
    // Kafka takes '.' and '_' for the same in the names of its metrics, and refuses two topics that differ in nothing else.
    ...topics.map(
      ({ name, pipeline, deadLettersOf, namedBy }): Name => ({
        kind: "topics",
        name: name.replaceAll(".", "_"),
        owner:
          deadLettersOf === undefined
            ? `${name} of ${pipeline}`
            : `dead letters of ${deadLettersOf} of ${pipeline}`,
        key: namedBy,
      }),
    ),
    ...services.flatMap(groupsOf),
    ...services.flatMap(filesOf),
  ];
}

/** Members of a group share what they read, so they must be of one kind. */
function groupsOf({ pipeline, role, uses, namedBy }: PlacedService): Name[] {
  return (uses.reads ?? []).map(({ topic, group }) => ({
    kind: "consumer groups",
    name: group,
    owner: `${role} of ${topic} in ${pipeline}`,
    key: namedBy,
  }));
}

function filesOf({ name: owner, host, plan, namedBy }: PlacedService): Name[] {
  return (plan?.files ?? []).flatMap((file): Name[] => {
    if (file.kind === "volume") return [{ kind: "volumes", name: file.name, owner, key: namedBy }];
    if (file.kind === "file") return [];
    return [
      {
        kind: "folders",
        name: `${normalize(`${file.folder}/`)} on ${host}`,
        owner,
        key: file.key ?? namedBy,
      },
    ];
  });
}
