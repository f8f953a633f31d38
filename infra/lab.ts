/** The identity of one stood-up lab: what every name and label in it is derived from. */
export interface Lab {
  readonly project: string;
  readonly stack: string;
  /** `edgelab-<stack>-<name>`: the name under which Docker knows a part of this lab. */
  resourceName(name: string): string;
}

export function labOf(project: string, stack: string): Lab {
  return { project, stack, resourceName: (name) => `${project}-${stack}-${name}` };
}

/** What a container, network, volume or image belongs to, below the stack. */
export interface Part {
  /** Pipeline or system the part serves, such as `classification` or `kafka`. */
  readonly pipeline: string;
  /** What it does there, such as `producer` or `broker`. */
  readonly role: string;
}

export interface Label {
  readonly label: string;
  readonly value: string;
}

/** Labels carried by everything of a lab, in the order in which Docker's API returns them. */
export function labels(lab: Lab, part: Part): Label[] {
  return [
    { label: "edgelab.pipeline", value: part.pipeline },
    { label: "edgelab.project", value: lab.project },
    { label: "edgelab.role", value: part.role },
    { label: "edgelab.stack", value: lab.stack },
  ];
}
