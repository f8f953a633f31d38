import { appVariables } from "../../common/app.ts";
import { decimal, defineEnv, flag, integer, string } from "../../common/env.ts";
import { cameraName } from "../../media/frame.ts";

/** The port that edge cameras serve their stream at. */
export const cameraPort = 9085;

/** Environment of the test camera. The stream is at `/` of the app's own HTTP port. */
export const cameraEnv = defineEnv({
  ...appVariables,
  HTTP_PORT: integer({ min: 0, max: 65_535 }).default(cameraPort),
  CAMERA_NAME: string({ pattern: cameraName }).default("camera"),
  FPS: decimal({ min: 0.1, max: 120 }).default(30),
  /** Pixels. */
  WIDTH: integer({ min: 320, max: 3840 }).default(1280),
  HEIGHT: integer({ min: 240, max: 2160 }).default(720),
  /** Mean size of a frame that the JPEG quality is chosen for, KB (1024 bytes). */
  FRAME_KB: decimal({ min: 1 }).default(85),
  /** Every so many parts one is cut off in the middle, as a faulty camera does; 0 for none. */
  TRUNCATE_EVERY: integer({ min: 0 }).default(0),
  /** Whether parts say their Content-Length; some cameras do not. */
  CONTENT_LENGTH: flag().default(true),
});
