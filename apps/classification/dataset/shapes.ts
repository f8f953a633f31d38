/** Whether the point lies in a shape; the shapes fill about the square from (-1, -1) to (1, 1), y downwards. */
export type Shape = (x: number, y: number) => boolean;

type Point = readonly [x: number, y: number];

/** The inside of a polygon by the even–odd rule: a ray to the right crosses its edges an odd number of times. */
function polygon(points: readonly Point[]): Shape {
  return (x, y) => {
    let inside = false;
    let [px, py] = points[points.length - 1] ?? [0, 0];
    for (const [qx, qy] of points) {
      if (qy > y !== py > y && x < qx + ((y - qy) * (px - qx)) / (py - qy)) inside = !inside;
      px = qx;
      py = qy;
    }
    return inside;
  };
}

const disc =
  (cx: number, cy: number, radius: number): Shape =>
  (x, y) =>
    (x - cx) * (x - cx) + (y - cy) * (y - cy) <= radius * radius;

const without =
  (outer: Shape, hole: Shape): Shape =>
  (x, y) =>
    outer(x, y) && !hole(x, y);

const box =
  (halfWidth: number, halfHeight: number): Shape =>
  (x, y) =>
    x >= -halfWidth && x <= halfWidth && y >= -halfHeight && y <= halfHeight;

/** (x² + y² − 1)³ ≤ x² y³, the usual sextic heart curve, here with y downwards and shrunk to the unit square. */
const heart: Shape = (x, y) => {
  const u = x * 1.16;
  const v = -y * 1.16 + 0.1;
  const r = u * u + v * v - 1;
  return r * r * r - u * u * v * v * v <= 0;
};

const cross: Shape = (x, y) => box(1, 0.34)(x, y) || box(0.34, 1)(x, y);

/** Corners of a five-pointed star: radius 1.1 and 0.45, every 36°; as numbers, so that no cosine is needed. */
const star = polygon([
  [0, -1.1],
  [0.2645, -0.3641],
  [1.0462, -0.3399],
  [0.428, 0.1391],
  [0.6466, 0.8899],
  [0, 0.45],
  [-0.6466, 0.8899],
  [-0.428, 0.1391],
  [-1.0462, -0.3399],
  [-0.2645, -0.3641],
]);

const arrow = polygon([
  [1.05, 0],
  [0.1, -0.9],
  [0.1, -0.35],
  [-1, -0.35],
  [-1, 0.35],
  [0.1, 0.35],
  [0.1, 0.9],
]);

const triangle = polygon([
  [0, -1.05],
  [1.05, 0.85],
  [-1.05, 0.85],
]);

/** The ten shapes by name, in the order of their class numbers. */
export const shapes: ReadonlyMap<string, Shape> = new Map([
  ["arrow", arrow],
  ["circle", disc(0, 0, 1)],
  ["crescent", without(disc(0, 0, 1.05), disc(0.5, 0, 0.85))],
  ["cross", cross],
  ["frame", without(box(0.95, 0.95), box(0.5, 0.5))],
  ["heart", heart],
  ["ring", without(disc(0, 0, 1.05), disc(0, 0, 0.58))],
  ["square", box(0.88, 0.88)],
  ["star", star],
  ["triangle", triangle],
]);
