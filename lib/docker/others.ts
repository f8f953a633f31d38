import type { Holding } from "./holdings.ts";

/** Whose something is, for people. */
export function whose({ lab, checkout }: Pick<Holding, "lab" | "checkout">): string {
  if (lab === "") return "a lab that was made before labs had ids";
  return `the lab ${lab}${checkout === "" ? "" : `, brought up from ${checkout}`}`;
}

/** What can be done about a lab that has the names of another one's stack. */
export function wayAround({ lab }: Pick<Holding, "lab">, stack: string): string {
  if (lab === "") return `./scripts/down ${stack} in the checkout that made it, then this again`;
  const two = `${stack}-two`;
  return [
    `./scripts/down ${stack} in that checkout; or a name and ports of its own for this lab:`,
    `       ./scripts/pulumi stack init ${two} && ./scripts/pulumi config set --path ports.offset 100 --stack ${two} && ./scripts/up ${two}`,
    `       where that checkout is gone, mkdir -p .edgelab/labs && echo ${lab} >.edgelab/labs/${stack}   # takes over what it left: up goes on with it, down removes it`,
  ].join("\n");
}

/** What this machine's engine has of other labs of a stack's name; undefined where there is nothing. */
export function describeOthers(others: readonly Holding[]): string | undefined {
  const [first] = others;
  if (first === undefined) return undefined;
  const its = others.filter(({ lab }) => lab === first.lab);
  const more = its.length === 1 ? "" : ` and ${its.length - 1} more of its names`;
  return `the ${first.kind} ${first.name}${more} on this machine's Docker belong${its.length === 1 ? "s" : ""} to ${whose(first)}`;
}
