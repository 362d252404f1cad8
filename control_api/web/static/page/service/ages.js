// How old the shown answers are while the database is slow. Pure.

/** Answers older than this, in seconds, are reported as old. */
const OLD_SECONDS = 5;
/** What arrives within this time belongs together: the oldest of it counts. */
const TOGETHER = 5;

export class Ages {
  /** Of each address: the moment that its answer is of, and when it arrived, in seconds. @type {Map<string, {of: number, at: number}>} */
  #known = new Map();

  /** Note an answer. @param {string} path @param {string | null} age its header, in seconds @param {number} present seconds since the epoch */
  note(path, age, present) {
    const address = path.split("?")[0];
    const before = this.#known.get(address);
    const seconds = Number(age ?? 0);
    if (seconds >= OLD_SECONDS) {
      const of = present - seconds;
      this.#known.set(address, { of: before && present - before.at < TOGETHER ? Math.min(of, before.of) : of, at: present });
    } else if (before && present - before.at >= TOGETHER) {
      this.#known.delete(address);
    }
  }

  /** The moment of the oldest answer on the page; null if all are new. */
  oldest() {
    const moments = [...this.#known.values()].map((one) => one.of);
    return moments.length ? Math.min(...moments) : null;
  }
}
