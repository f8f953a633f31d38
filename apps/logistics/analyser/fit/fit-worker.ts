/** The thread of one fit: Prophet keeps its thread busy, and gives no memory back before the thread ends. */
import { parentPort, workerData } from "node:worker_threads";
import { type FitOptions, fitModel } from "./fit.ts";

parentPort?.postMessage(fitModel(workerData as FitOptions));
