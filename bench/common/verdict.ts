/** Whether a goal is met, as the benches say it. */
export const verdict = (isMet: boolean): string => (isMet ? "met" : "NOT met");
