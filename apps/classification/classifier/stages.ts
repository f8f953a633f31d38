import { nowUs } from "../../common/clock.ts";
import type { HttpServer } from "../../common/http.ts";
import { Ring } from "../../common/ring.ts";

/** When an image passed through this classifier; µs of the classifier's clock. */
export interface Stage {
  readonly id: string;
  /** When it was taken up. */
  readonly pickedUs: number;
  /** When the model's answer was there, with `inferenceMs` of it spent in the model. */
  readonly classifiedUs: number;
  readonly inferenceMs: number;
  /** When all in-sync replicas had the result. */
  readonly resultAckedUs: number;
}

/** Answer of `GET /stages`. */
export interface Stages {
  readonly classifier: string;
  /** Names this run of the classifier, whose stages are numbered from 0. */
  readonly run: string;
  /** Name of the model; null while it is being loaded. */
  readonly model: string | null;
  readonly nowUs: number;
  /** Number of the first stage in the answer; above what was asked for when those before it are gone. */
  readonly from: number;
  /** What to ask for next time as `since`. */
  readonly next: number;
  readonly stages: readonly Stage[];
}

/** Images whose stages are kept; the oldest go first. */
const kept = 20_000;

/** Keeps the latest stages and answers `GET /stages?since=<number>` with them. */
export class StageLog {
  readonly #ring = new Ring<Stage>(kept);
  readonly #run = Math.round(performance.timeOrigin).toString(36);

  push(stage: Stage): void {
    this.#ring.push(stage);
  }

  addRoute(server: HttpServer, classifier: string, model: () => string | undefined): void {
    server.get<{ Querystring: { since?: string } }>("/stages", async (request, reply) => {
      const since = request.query.since ?? "0";
      if (!/^\d{1,15}$/.test(since)) {
        return reply
          .code(400)
          .send({ error: `since=${since} is not a number of an image; expected 0 or more` });
      }
      const { from, items } = this.#ring.since(Number(since));
      const answer: Stages = {
        classifier,
        run: this.#run,
        model: model() ?? null,
        nowUs: nowUs(),
        from,
        next: this.#ring.next,
        stages: items,
      };
      return reply.send(answer);
    });
  }
}
