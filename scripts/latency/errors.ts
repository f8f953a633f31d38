/** A window could not be measured: what was seen would not be what the reader takes it for. */
export class MeasurementError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MeasurementError";
  }
}
