import {
  type CoreRule,
  dataFolderIsOnHosts,
  heapFits,
  minInsyncFits,
  replicationFits,
  subnetHasRoom,
  targetHasHosts,
} from "../../config/rules.ts";
import {
  controllersAreOfKraft,
  coordinationStays,
  ensembleIsOdd,
  zookeeperHasItsKafka,
} from "./coordination.ts";
import { brokersStay, dataStay } from "./data.ts";
import { retentionFitsDisk } from "./disk.ts";
import { documentsKeepEngine, kafkaUiIsThere, mongodbCanRun } from "./engines.ts";
import {
  commandsNameHosts,
  filesAreOnHosts,
  hostsHaveRoom,
  placementNamesHosts,
  placementNamesRoles,
} from "./hosts.ts";
import { brokersHoldMessages, brokersTakeMessages, messagesFitRetention } from "./messages.ts";
import { namesAreDistinct } from "./names.ts";
import { flowsFitNetwork, networkHasRoom } from "./network.ts";
import { listenersAreDistinct, publishedPortsAreDistinct } from "./ports.ts";
import type { Rule } from "./rule.ts";

const core =
  (rule: CoreRule): Rule =>
  (lab) =>
    rule(lab.core);

/**
 * Every rule of a lab, in this order, because each takes for granted that what those before it found is mended.
 *
 * @param chosen what there is to say of which pipelines run
 * @param roles of all services that a lab can have
 * @param own what pipelines have to say themselves
 */
export function labRules(
  chosen: readonly Rule[],
  roles: ReadonlySet<string>,
  own: readonly Rule[],
): readonly Rule[] {
  return [
    ...chosen,
    core(targetHasHosts),
    core(subnetHasRoom),
    core(dataFolderIsOnHosts),
    placementNamesRoles(roles),
    placementNamesHosts,
    commandsNameHosts,
    coordinationStays,
    zookeeperHasItsKafka,
    ensembleIsOdd,
    controllersAreOfKraft,
    dataStay,
    brokersStay,
    documentsKeepEngine,
    mongodbCanRun,
    kafkaUiIsThere,
    core(replicationFits),
    core(minInsyncFits),
    namesAreDistinct,
    ...own,
    brokersTakeMessages,
    brokersHoldMessages,
    core(heapFits),
    messagesFitRetention,
    networkHasRoom,
    publishedPortsAreDistinct,
    listenersAreDistinct,
    filesAreOnHosts,
    flowsFitNetwork,
    retentionFitsDisk,
    hostsHaveRoom,
  ];
}
