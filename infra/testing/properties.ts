import fc from "fast-check";

// The same cases at every run, so that a red run is red again; FAST_CHECK_SEED=… looks at others.
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20_260) });
