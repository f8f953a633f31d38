import { serveProvider } from "../../lib/provider/server.ts";
import { clusterIdentityHandler } from "./cluster-identity.ts";
import { folderHandler } from "./folder.ts";
import { imageCopyHandler } from "./image-copy.ts";
import { labIdentityHandler } from "./lab-identity.ts";
import { machineHandler } from "./machine.ts";
import { quorumHandler } from "./quorum.ts";
import { secretHandler } from "./secret.ts";
import { spreadHandler } from "./spread.ts";
import { sweepHandler } from "./sweep.ts";
import { topicHandler } from "./topic.ts";
import { topicKeeperHandler } from "./topic-keeper.ts";
import { rollOrderFunction, turnHandler } from "./turn.ts";

await serveProvider({
  // Not the project's own name: Pulumi would hand the whole stack config to a provider called like the project.
  name: "lab",
  version: "0.1.0",
  resources: {
    "lab:docker:ImageCopy": imageCopyHandler,
    "lab:host:Machine": machineHandler,
    "lab:index:Folder": folderHandler,
    "lab:index:GeneratedSecret": secretHandler,
    "lab:index:LabIdentity": labIdentityHandler(),
    "lab:kafka:ClusterIdentity": clusterIdentityHandler,
    "lab:kafka:Quorum": quorumHandler,
    "lab:kafka:Spread": spreadHandler,
    "lab:kafka:Topic": topicHandler,
    "lab:kafka:TopicKeeper": topicKeeperHandler,
    "lab:kafka:Turn": turnHandler,
    "lab:openstack:Sweep": sweepHandler,
  },
  functions: { "lab:kafka:rollOrder": rollOrderFunction },
});
