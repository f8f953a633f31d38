import { connect, type IPublishPacket, type MqttClient } from "mqtt";
import { messageOf } from "./errors.ts";
import type { Logger } from "./logging.ts";
import { backoffMs, pause, retry } from "./retry.ts";

export interface MqttOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Two clients of the same id take each other's place. */
  readonly clientId: string;
  readonly log: Logger;
  /** Told what is wrong, and undefined when all is well again; for `/healthz`. */
  readonly onState?: (problem: string | undefined) => void;
  /** Ends waiting and trying again. */
  readonly signal: AbortSignal;
}

export interface MqttPublisher {
  /**
   * Publishes with QoS 1, one message after the other. Resolves when the broker has the message and somebody who has
   * subscribed to it; what was in flight when a connection broke is sent again.
   * @throws the signal's reason when aborted
   */
  publish(topic: string, payload: string | Buffer): Promise<void>;
  close(): Promise<void>;
}

/** A message as it was received. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Buffer;
}

export interface MqttConsumerOptions extends MqttOptions {
  readonly filter: string;
  /** Messages that the broker sends before the first of them is acknowledged. */
  readonly receiveMaximum: number;
  /**
   * Does all that is to be done with a message, which is acknowledged when it resolves; called again after a pause when
   * it fails. One message is handled at a time, in the order in which the broker sends them.
   */
  readonly onMessage: (message: MqttMessage) => Promise<void>;
}

export interface MqttConsumer {
  /** Lets the message that is being handled be acknowledged, and disconnects; the session stays with the broker. */
  close(): Promise<void>;
}

/** MQTT 5's answer for a message that nobody has subscribed to. */
const noMatchingSubscribers = 0x10;
const backoff = { baseMs: 200, capMs: 10_000 };
/** How long the broker keeps the session of a consumer that is away, s: what comes meanwhile waits for it. */
const sessionSeconds = 7 * 86_400;

/** Connects at once, and again for as long as it takes. */
export function createMqttPublisher(options: MqttOptions): MqttPublisher {
  const { log, signal, onState } = options;
  const client = open(options, { clean: true });
  let reason: number | undefined;
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "puback") reason = packet.reasonCode;
  });
  client.on("connect", () => onState?.(undefined));
  const publishOnce = async (topic: string, payload: string | Buffer) => {
    reason = undefined;
    await abortable(client.publishAsync(topic, payload, { qos: 1 }), signal);
    if (reason === noMatchingSubscribers) throw new Error(`nobody has subscribed to ${topic}`);
  };
  let last: Promise<void> = Promise.resolve();
  return {
    publish: (topic, payload) => {
      const next = last.then(() =>
        retry(() => publishOnce(topic, payload), {
          ...backoff,
          signal,
          onRetry: (err, attempt) => {
            onState?.(messageOf(err));
            if (attempt === 0) log.warn({ err }, "a message is not taken; it is sent again");
          },
        }).then(() => onState?.(undefined)),
      );
      last = next.catch(() => undefined);
      return next;
    },
    close: () => client.endAsync(true),
  };
}

/** Takes up the session of its client id, with whatever is waiting there, or begins one. */
export function consumeMqtt(options: MqttConsumerOptions): MqttConsumer {
  const { filter, receiveMaximum, onMessage, onState, log, signal } = options;
  const client = open(options, {
    clean: false,
    // Asked for anew at every connection, below, so that a session that the broker lost is there again.
    resubscribe: false,
    properties: { sessionExpiryInterval: sessionSeconds, receiveMaximum },
  });
  let connection = 0;
  let handling: Promise<void> = Promise.resolve();
  client.on("close", () => {
    connection += 1;
  });
  const subscribe = async (): Promise<void> => {
    const own = connection;
    try {
      await retry(() => client.subscribeAsync(filter, { qos: 1 }), {
        ...backoff,
        signal,
        // The next connection subscribes for itself.
        isRetryable: () => own === connection,
        onRetry: (err, attempt) => {
          onState?.(`cannot subscribe to ${filter}: ${messageOf(err)}`);
          if (attempt === 0) log.warn({ err, filter }, "cannot subscribe; it is tried again");
        },
      });
      onState?.(undefined);
    } catch (err) {
      log.debug({ err, filter }, "the connection is gone before it has subscribed");
    }
  };
  client.on("connect", () => void subscribe());
  const handle = async ({ topic, payload }: IPublishPacket): Promise<void> => {
    const message = { topic, payload: Buffer.from(payload) };
    await retry(() => onMessage(message), {
      ...backoff,
      signal,
      onRetry: (err, attempt) => {
        onState?.(messageOf(err));
        if (attempt === 0) log.warn({ err, topic }, "a message could not be handled; it is tried again");
      },
    });
    if (client.connected) onState?.(undefined);
  };
  client.handleMessage = (packet, done) => {
    const own = connection;
    // What came over a connection that is gone comes again over the next one, and is acknowledged there.
    const current = () => own === connection && !signal.aborted;
    handling = handling
      .then(async () => {
        if (!current()) return;
        await handle(packet);
        if (own === connection) done();
      })
      .catch((err: unknown) => {
        if (!signal.aborted) log.error({ err }, "a message was given up, and stays with the broker");
      });
  };
  return {
    close: async () => {
      await handling;
      await client.endAsync();
    },
  };
}

function open(
  { host, port, user, password, clientId, log, onState, signal }: MqttOptions,
  own: Parameters<typeof connect>[1],
): MqttClient {
  const client = connect(`mqtt://${host}:${port}`, {
    protocolVersion: 5,
    username: user,
    password,
    clientId,
    connectTimeout: 5000,
    keepalive: 30,
    reconnectPeriod: backoff.baseMs,
    reconnectOnConnackError: true,
    queueQoSZero: false,
    ...own,
  });
  // Two that are told to end must not go on taking each other's place.
  signal.addEventListener("abort", () => Object.assign(client.options, { reconnectPeriod: 0 }), {
    once: true,
  });
  let failures = 0;
  let told = "";
  client.on("connect", () => {
    failures = 0;
    told = "";
  });
  client.on("error", (err) => {
    told = messageOf(err);
    if (failures === 0) log.warn({ err }, "the MQTT broker does not take the connection; it is tried again");
  });
  client.on("close", () => {
    if (signal.aborted) return;
    onState?.(`not connected to the MQTT broker${told === "" ? "" : `: ${told}`}`);
    client.options.reconnectPeriod = Math.max(50, backoffMs(failures, backoff));
    failures += 1;
  });
  return client;
}

/** Settles with the promise, or with the signal's reason when that comes first. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = new AbortController();
  const aborted = pause(2 ** 31 - 1, AbortSignal.any([signal, ended.signal]));
  try {
    return await Promise.race([promise, aborted.then(() => promise)]);
  } finally {
    aborted.catch(() => undefined);
    ended.abort();
  }
}
