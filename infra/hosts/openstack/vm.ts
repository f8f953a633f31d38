import * as openstack from "@pulumi/openstack";
import * as pulumi from "@pulumi/pulumi";
import type { CoreConfig } from "../../config/schema.ts";
import type { Lab } from "../../lab.ts";
import type { VmNetwork } from "./network.ts";
import { Sweep } from "./sweep.ts";
import { metadataOf, tagsOf } from "./tags.ts";

export interface VmArgs {
  lab: Lab;
  settings: CoreConfig["openstack"];
  /** Names of image and flavor. */
  kind: { image: pulumi.Input<string>; flavor: pulumi.Input<string> };
  key: openstack.compute.Keypair;
  /** The lab's. */
  sweep: Sweep;
  network: VmNetwork;
  /** Its fixed address. */
  address: string;
  /** Ids of its security groups; undefined where there are none. */
  groups: pulumi.Output<string>[] | undefined;
  spread: openstack.compute.ServerGroup | undefined;
  /** Leave its data volume when the lab is destroyed. */
  keepData: boolean;
}

/** A VM at a fixed address, `<stack>-<name>`, with a volume for Docker's data where config gives it one. */
export class Vm extends pulumi.ComponentResource {
  /** Name in the lab. */
  readonly hostName: string;
  readonly address: string;
  readonly port: openstack.networking.Port;
  readonly instance: openstack.compute.Instance;

  constructor(name: string, args: VmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:hosts:Vm", name, {}, opts);
    const { lab, settings, network, groups } = args;
    const { mark } = args.sweep;
    const fullName = `${lab.stack}-${name}`;
    // What is left of this VM would keep its address, or the network.
    const sweep = new Sweep(
      `${name}-sweep`,
      { lab, only: fullName, kinds: ["server", "port"] },
      { parent: this, dependsOn: [network.way] },
    );
    this.hostName = name;
    this.address = args.address;
    this.port = new openstack.networking.Port(
      `${name}-port`,
      {
        name: fullName,
        description: mark,
        networkId: network.networkId,
        adminStateUp: true,
        fixedIps: [{ subnetId: network.subnetId, ipAddress: args.address }],
        ...(groups === undefined
          ? { noSecurityGroups: true, portSecurityEnabled: false }
          : { securityGroupIds: groups }),
        tags: tagsOf(lab),
      },
      sweep.options,
    );
    const volume =
      settings.dataVolumeGB === 0
        ? undefined
        : new openstack.blockstorage.Volume(
            `${name}-data`,
            {
              name: `${fullName}-data`,
              size: settings.dataVolumeGB,
              metadata: metadataOf(lab, "data"),
            },
            { parent: this, protect: args.keepData, retainOnDelete: args.keepData },
          );
    const { reservation, availabilityZone } = settings;
    const hints = {
      ...(args.spread === undefined ? {} : { group: args.spread.id }),
      ...(reservation === "" ? {} : { additionalProperties: { reservation } }),
    };
    this.instance = new openstack.compute.Instance(
      name,
      {
        name: fullName,
        imageName: args.kind.image,
        flavorName: args.kind.flavor,
        keyPair: args.key.name,
        networks: [{ port: this.port.id }],
        userData: userData(volume !== undefined),
        metadata: metadataOf(lab, "vm"),
        ...(availabilityZone === "" ? {} : { availabilityZone }),
        ...(Object.keys(hints).length === 0 ? {} : { schedulerHints: [hints] }),
        ...(volume === undefined ? {} : { blockDevices: blockDevices(args.kind.image, volume) }),
      },
      sweep.options,
    );
    this.registerOutputs({ address: this.address });
  }
}

/** The image on the VM's own disk, and the volume beside it. */
function blockDevices(image: pulumi.Input<string>, volume: openstack.blockstorage.Volume) {
  const uuid = pulumi
    .output(image)
    .apply((name) => openstack.images.getImage({ name, mostRecent: true }))
    .apply(({ id }) => id);
  return [
    { uuid, sourceType: "image", destinationType: "local", bootIndex: 0, deleteOnTermination: true },
    {
      uuid: volume.id,
      sourceType: "volume",
      destinationType: "volume",
      bootIndex: -1,
      deleteOnTermination: false,
    },
  ];
}

/**
 * What cloud-init does at the first start. Any change replaces the VM, so it says as little as possible: everything that
 * can be done over SSH is done there.
 */
function userData(hasVolume: boolean): string {
  const volume = [
    "fs_setup:",
    "  - {device: /dev/vdb, filesystem: ext4, label: edgelab, overwrite: false}",
    "mounts:",
    "  - [LABEL=edgelab, /var/lib/docker, ext4, 'defaults,nofail']",
  ];
  return ["#cloud-config", "ssh_pwauth: false", ...(hasVolume ? volume : []), ""].join("\n");
}
