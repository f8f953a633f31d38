import { once } from "node:events";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { withPassword } from "../../../common/address.ts";
import { toFrame } from "./frame.ts";
import { authorize, parseChallenges } from "./http-auth.ts";
import { boundaryOf, MultipartParser } from "./multipart.ts";
import { readCredentials } from "./secret.ts";
import type { Credentials, OnBad, OnFrame, Source } from "./source.ts";

/** A camera may answer `/` with another path of its own, and that with a challenge. */
const maxRequests = 6;

/** MJPEG over HTTP: `multipart/x-mixed-replace` with a JPEG in each part, the way of most IP cameras. */
export class HttpMjpegSource implements Source {
  readonly ends = false;
  readonly #url: string;
  readonly #origin: string;
  readonly #credentials: Credentials;

  /** @param spec `url` has no secrets in it; `{password}` in its query stands for the password */
  constructor({ url, ...credentials }: { readonly url: string } & Credentials) {
    this.#url = url;
    this.#origin = new URL(url).origin;
    this.#credentials = credentials;
  }

  async run(signal: AbortSignal, onFrame: OnFrame, onBad: OnBad): Promise<void> {
    try {
      const response = await this.#open(signal);
      await readParts(response, onFrame, onBad);
      // A body that ends with its connection looks complete when the abort has closed that.
      signal.throwIfAborted();
    } catch (error) {
      // What the abort made fail is told by its reason.
      signal.throwIfAborted();
      throw error;
    }
  }

  /** @returns the answer that has the stream */
  async #open(signal: AbortSignal): Promise<IncomingMessage> {
    const known = await readCredentials(this.#credentials);
    const login = known?.user === undefined ? undefined : { user: known.user, password: known.password };
    const address = new URL(known === undefined ? this.#url : withPassword(this.#url, known.password));
    let url = address;
    let authorization: string | undefined;
    for (let requests = 0; requests < maxRequests; requests += 1) {
      const response = await get(url, authorization, signal);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return response;
      response.destroy();
      if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
        url = this.#redirected(url, headers.location);
        authorization = undefined;
      } else if (statusCode === 401 && login !== undefined && authorization === undefined) {
        const uri = url.pathname + url.search;
        const challenges = parseChallenges(headers["www-authenticate"] ?? "");
        authorization = authorize(challenges, { ...login, method: "GET", uri });
        if (authorization === undefined) {
          throw new Error(`${shown(url)} asks for an authentication other than Basic and Digest`);
        }
      } else {
        throw new Error(refusal(url, statusCode, known !== undefined));
      }
    }
    throw new Error(`${shown(address)} redirects in a circle`);
  }

  /** Only within the camera: anywhere else, the stream and the password would be whoever's sent the redirect. */
  #redirected(from: URL, location: string): URL {
    const target = URL.parse(location, from.href);
    if (target?.origin === this.#origin) return target;
    const to = target === null ? "something that is no address" : shown(target);
    throw new Error(`${shown(from)} redirects to ${to}; if that is the camera, set it as url`);
  }
}

/** An address without its query, which may hold a key. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function refusal(url: URL, status: number, withPassword: boolean): string {
  if (status !== 401) return `${shown(url)} answers with HTTP status ${status}`;
  const fix = withPassword ? "check user and the password in passwordFile" : "set user and passwordFile";
  return `${shown(url)} refuses access (HTTP status 401); ${fix}`;
}

async function get(
  url: URL,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
    signal,
    // One connection a stream: nothing is kept for later.
    agent: false,
    headers: { accept: "*/*", ...(authorization === undefined ? {} : { authorization }) },
  });
  request.end();
  const [response]: IncomingMessage[] = await once(request, "response");
  if (response === undefined) throw new Error(`${shown(url)} did not answer`);
  // The request goes on to fail when a body is cut short, which the reader of the response is told too.
  request.on("error", () => response.destroy());
  return response;
}

async function readParts(response: IncomingMessage, onFrame: OnFrame, onBad: OnBad): Promise<void> {
  const type = response.headers["content-type"] ?? "";
  const boundary = boundaryOf(type);
  if (boundary === undefined) {
    response.destroy();
    throw new Error(`the answer is ${type || "of no type"}, not multipart/x-mixed-replace with a boundary`);
  }
  const parser = new MultipartParser(boundary, onBad);
  const take = (part: Buffer): void => {
    const frame = toFrame(part);
    if (typeof frame === "string") onBad(`a part of ${frame}`);
    else void onFrame(frame);
  };
  for await (const chunk of response) for (const part of parser.push(chunk)) take(part);
  const last = parser.end();
  if (last !== undefined) take(last);
}
