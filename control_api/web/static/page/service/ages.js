// How old the shown answers are while the database is slow. Pure.

/** An answer that is given again may seem to be from another moment by this much, in seconds: its age is a whole number. */
const ROUNDED = 2;
/** What arrives within this time belongs together: the oldest of it counts. */
const TOGETHER = 5;

export class Ages {
  /** Of each address: the moment that its answer is from, and when it arrived, in seconds. @type {Map<string, {of: number, at: number}>} */
  #known = new Map();

  /** Note an answer. @param {string} path @param {string | null} age its header, in seconds; null if it is new @param {number} present seconds since the epoch */
  note(path, age, present) {
    const address = path.split("?")[0];
    const before = this.#known.get(address);
    if (age !== null) {
      const of = present - Number(age);
      const isTheSame = before && (Math.abs(of - before.of) < ROUNDED || (present - before.at < TOGETHER && before.of < of));
      this.#known.set(address, { of: isTheSame ? before.of : of, at: present });
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
