import policy, { type ReportViolation, type ResourceValidationArgs } from "@pulumi/policy";
import {
  type Checked,
  dataVolumesProtected,
  marked,
  noOpenSecurityGroups,
  noPlaintextSecrets,
  portsOnLoopback,
  type Rule,
  type Settings,
} from "./rules.ts";

/** What the pack is told with `--policy-pack-config`; packs do not see the stack's own config. */
const settings = {
  sshCidrs: {
    type: "array",
    items: { type: "string" },
    default: [],
    description: "Networks from which SSH may be let in, as openstack.sshCidrs has them",
  },
  keepData: { type: "boolean", default: false, description: "Whether data are kept, as keepData says" },
} as const;

function checked({ type, name, props, getConfig }: ResourceValidationArgs): Checked {
  const { sshCidrs = [], keepData = false } = getConfig<Partial<Settings>>();
  return { type, name, props, settings: { sshCidrs, keepData } };
}

const validate = (rule: Rule) => (args: ResourceValidationArgs, report: ReportViolation) => {
  for (const problem of rule(checked(args))) report(`${args.name} ${problem}`);
};

/** Run with `./scripts/pulumi preview --policy-pack policy`. */
new policy.PolicyPack("edgelab", {
  policies: [
    {
      name: "no-open-security-groups",
      description: "Nothing but SSH from configured networks is open to the outside.",
      enforcementLevel: "mandatory",
      configSchema: { properties: { sshCidrs: settings.sshCidrs } },
      validateResource: validate(noOpenSecurityGroups),
    },
    {
      name: "ports-on-loopback",
      description: "Ports are published on the loopback address only.",
      enforcementLevel: "mandatory",
      validateResource: validate(portsOnLoopback),
    },
    {
      name: "marked",
      description: "Whatever is made carries the lab's labels, tags or metadata.",
      enforcementLevel: "mandatory",
      validateResource: validate(marked),
    },
    {
      name: "no-plaintext-secrets",
      description: "No secret stands where an engine shows it.",
      enforcementLevel: "mandatory",
      validateResource: validate(noPlaintextSecrets),
    },
    {
      name: "data-volumes-protected",
      description: "Data outlive what works on them.",
      enforcementLevel: "mandatory",
      configSchema: { properties: { keepData: settings.keepData } },
      validateResource: (args, report) => {
        for (const problem of dataVolumesProtected(checked(args), args.opts.protect))
          report(`${args.name} ${problem}`);
      },
    },
  ],
});
