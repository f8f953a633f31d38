/** What can be done to a frame. A new step is a file of its own beside this one, and a line in registry.ts. */
export interface Step {
  /** Value of STEP, and part of the name of the video that is made: lower-case letters, digits and `-`. */
  readonly name: string;
  /**
   * Makes a frame of a frame, by itself: frames come in any order, and several at a time. What keeps a CPU busy has to
   * be off the event loop, as it is in sharp and FFmpeg, because heartbeats are sent from there.
   *
   * @param jpeg a JPEG, whole by its first and last bytes, of any content
   * @returns a JPEG of the same size in pixels
   * @throws PoisonError when the frame can never be processed; other errors make it come again
   */
  process(jpeg: Buffer, context: StepContext): Promise<Buffer>;
}

export interface StepContext {
  /** Aborted when the result is not wanted any more: the app ends, or the frame comes again. */
  readonly signal: AbortSignal;
}
