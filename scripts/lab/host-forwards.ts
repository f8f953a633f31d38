import type { Connection } from "../../lib/ssh/connection.ts";

/** A host's part of the stack output `forwards`. */
export interface HostForwards {
  readonly host: string;
  readonly connection: Connection;
  readonly forwards: readonly {
    readonly service: string;
    /** Port of this machine's loopback address. */
    readonly port: number;
    readonly address: string;
    readonly remotePort: number;
  }[];
}
