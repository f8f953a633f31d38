/** The share of the rate asked for that still counts as steady: of 30 frames a second, fewer than 25 are an alert. */
export const steadyShare = 25 / 30;
