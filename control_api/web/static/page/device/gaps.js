// Where nothing was reported, a chart shows nothing.
const LEAST_SECONDS = 30;
/** How many times as long as the usual step a gap is. */
const STEPS = 5;

/**
 * Times (rising, in seconds) and values with an unknown value in the middle of each gap, so that no line crosses it.
 * @param {number[]} times @param {(number | null)[]} values @returns {[number[], (number | null)[]]}
 */
export function withGaps(times, values) {
  const steps = times.slice(1).map((time, index) => time - times[index]);
  const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  const longest = Math.max(LEAST_SECONDS, STEPS * usual);
  if (!steps.some((step) => step > longest)) return [times, values];
  /** @type {number[]} */
  const shownTimes = [];
  /** @type {(number | null)[]} */
  const shownValues = [];
  times.forEach((time, index) => {
    if (index && steps[index - 1] > longest) { shownTimes.push(time - steps[index - 1] / 2); shownValues.push(null); }
    shownTimes.push(time);
    shownValues.push(values[index]);
  });
  return [shownTimes, shownValues];
}
