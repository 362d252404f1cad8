// Energy against a baseline as columns of a plot. Pure.

/** @typedef {import("../service/formats.js").BaselineCourse} Course */

const DAY = 86_400;

/**
 * Noon of each day, used and expected energy and their CUSUM; a day that does not count is a gap.
 * @param {Course["points"]} points oldest first
 */
export function columns(points) {
  /** @type {number[]} */ const at = [];
  /** @type {(number | null)[][]} */ const [used, expected, cusum] = [[], [], []];
  for (const point of points) {
    const noon = Date.parse(`${point.day}T12:00:00Z`) / 1000;
    if (at.length && noon - at[at.length - 1] > 1.5 * DAY) {
      at.push(at[at.length - 1] + DAY);
      for (const column of [used, expected, cusum]) column.push(null);
    }
    at.push(noon);
    used.push(point.actual_kwh);
    expected.push(point.expected_kwh);
    cusum.push(point.cusum_kwh);
  }
  return { at, used, expected, cusum };
}
