import type { HttpServer } from "../../common/http.ts";
import type { Camera } from "./camera.ts";
import { captureProblem, type Patience, sendingProblem } from "./camera-state.ts";

/** `GET /cameras`: how each camera stands, and what it has counted since the start. */
export function camerasRoute(
  server: HttpServer,
  run: string,
  cameras: readonly Camera[],
  patience: Patience,
): void {
  server.get("/cameras", async () => ({ run, cameras: cameras.map((camera) => stateOf(camera, patience)) }));
}

function stateOf(camera: Camera, patience: Patience) {
  const { name, topic, format, keyedBy, fps, maxFrameKB, source } = camera.spec;
  const facts = camera.facts();
  return {
    name,
    // The address is left out: it may be a secret of the network it is in.
    source: source.type,
    topic,
    format,
    keyedBy,
    fps,
    maxFrameKB,
    ended: facts.ended,
    /** What is wrong; null when nothing is. */
    capture: captureProblem(facts, patience) ?? null,
    sending: sendingProblem(facts, patience) ?? null,
    sinceFrameMs: Math.round(facts.sinceFrameMs),
    fpsAsked: camera.fpsAsked,
    queued: camera.queued,
    inFlight: camera.sender.inFlight,
    /** Number that the next frame gets. */
    nextSeq: camera.sender.handed,
    totals: camera.meter.totals,
  };
}
