import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Says whether a request comes from who may log in (RFC 7617). It takes as long for a wrong word as for the right one. */
export function loginCheck({
  user,
  password,
}: Login): (request: Pick<IncomingMessage, "headers">) => boolean {
  const wanted = digest(`${user}:${password}`);
  return ({ headers: { authorization = "" } }) => {
    const [, encoded = ""] = /^basic ([\w+/=-]+)$/i.exec(authorization) ?? [];
    return timingSafeEqual(digest(Buffer.from(encoded, "base64").toString("utf8")), wanted);
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
